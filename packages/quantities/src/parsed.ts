/** What reading a quantity from text gives: the value, or a sentence that says what to write. */
export type Parsed<T> =
  | { readonly kind: "ok"; readonly value: T }
  /** No field name in it, so that callers can put theirs in front. */
  | { readonly kind: "error"; readonly message: string };

export function refused(message: string): { readonly kind: "error"; readonly message: string } {
  return { kind: "error", message };
}

/** Longest text that is read at all, and that a message quotes. */
const longestText = 40;

export function quoted(text: string): string {
  return JSON.stringify(text.length > longestText ? `${text.slice(0, longestText)}…` : text);
}

/**
 * `whole.fraction × scale` in whole numbers, or undefined when something is left over. Exact: the
 * decimal never passes through a binary fraction.
 */
export function scaledDecimal(whole: string, fraction: string, scale: bigint): bigint | undefined {
  const scaled = BigInt(whole + fraction) * scale;
  const divisor = 10n ** BigInt(fraction.length);
  return scaled % divisor === 0n ? scaled / divisor : undefined;
}
