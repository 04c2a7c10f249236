declare const unit: unique symbol;

/**
 * A number that knows its unit at compile time and is a plain integer at run time.
 *
 * Opaque and invariant, so that `watts + milliseconds`, `watts + 5` and `watts < duration` are type
 * errors, while `watts < otherWatts`, template strings and JSON work and cost nothing.
 */
export interface Quantity<in out Unit extends string> {
  readonly [unit]: (tag: Unit) => Unit;
}

/** Whole watts, 0 and above. Power is never negative in Ertis; a difference goes through `toNumber`. */
export type Watts = Quantity<"W">;
/** A duration in whole milliseconds, 0 and above. */
export type Milliseconds = Quantity<"ms">;
/** A moment: whole milliseconds since 1970-01-01T00:00:00Z. Instants do not add up. */
export type Instant = Quantity<"instant">;

/** The plain number inside, for arithmetic that no helper here covers, and for typed arrays. */
export function toNumber<Unit extends string>(quantity: Quantity<Unit>): number {
  return quantity as unknown as number;
}

function whole<Unit extends string>(value: number, unitName: string): Quantity<Unit> {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${value} is not a whole, non-negative number of ${unitName}`);
  }
  return value as unknown as Quantity<Unit>;
}

/** @throws RangeError unless `value` is a non-negative safe integer. */
export function watts(value: number): Watts {
  return whole(value, "watts");
}

/** @throws RangeError unless `value` is a non-negative safe integer. */
export function milliseconds(value: number): Milliseconds {
  return whole(value, "milliseconds");
}

/** @throws RangeError unless `epochMs` is a non-negative safe integer. */
export function instant(epochMs: number): Instant {
  return whole(epochMs, "milliseconds since 1970");
}

/** @throws RangeError when the sum is no longer exact. */
export function add<Unit extends "W" | "ms">(a: Quantity<Unit>, b: Quantity<Unit>): Quantity<Unit> {
  return whole(toNumber(a) + toNumber(b), "units");
}

/** From `start` to `end`; 0 when `end` is earlier. */
export function between(start: Instant, end: Instant): Milliseconds {
  return milliseconds(Math.max(0, toNumber(end) - toNumber(start)));
}
