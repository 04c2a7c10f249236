/** An exact rational number, reduced, denominator above 0. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) {
    [x, y] = [y, x % y];
  }
  return x;
}

export function leastCommonMultiple(a: bigint, b: bigint): bigint {
  return (a / greatestCommonDivisor(a, b)) * b;
}

export function ratio(numerator: bigint, denominator: bigint = 1n): Ratio {
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

export function addRatios(a: Ratio, b: Ratio): Ratio {
  return ratio(
    a.numerator * b.denominator + b.numerator * a.denominator,
    a.denominator * b.denominator,
  );
}

export function multiplyRatios(a: Ratio, b: Ratio): Ratio {
  return ratio(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** Rounded down, for what is allowed; never for what is used. */
export function floorRatio(a: Ratio): bigint {
  return a.numerator / a.denominator;
}

/** Rounded up, for what is used; never for what is allowed. */
export function ceilRatio(a: Ratio): bigint {
  return (a.numerator + a.denominator - 1n) / a.denominator;
}

/** A decimal of at most six places, exactly; undefined when the text is none. */
export function parseDecimal(text: string): Ratio | undefined {
  const match = /^(\d{1,3})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, whole = "", fraction = ""] = match;
  return ratio(BigInt(whole + fraction), 10n ** BigInt(fraction.length));
}
