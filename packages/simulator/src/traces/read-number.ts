/** Ten years: longer jobs and traces are mistakes. */
export const durationMsMax: number = 10 * 366 * 86_400_000;
export const gpuCountMax = 100_000;

/** A decimal number without sign or exponent, or undefined. */
function decimalOf(text: string): number | undefined {
  return /^\d{1,16}(\.\d{1,12})?$/.test(text) ? Number(text) : undefined;
}

function wholeOf(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** A decimal number inside bounds, times `scale`, rounded to a whole one; else what is wrong. */
export function scaledWithin(
  name: string,
  text: string,
  bounds: { readonly min: number; readonly max: number; readonly scale: number },
): number | string {
  const value = decimalOf(text);
  return value !== undefined && value >= bounds.min && value <= bounds.max
    ? Math.round(value * bounds.scale)
    : `${name} is "${text.slice(0, 40)}", expected a number from ${bounds.min} to ${bounds.max}`;
}

export function wholeWithin(
  name: string,
  text: string,
  bounds: { readonly min: number; readonly max: number },
): number | string {
  const value = wholeOf(text);
  return value !== undefined && value >= bounds.min && value <= bounds.max
    ? value
    : `${name} is "${text.slice(0, 40)}", expected a whole number from ${bounds.min} to ${bounds.max}`;
}
