import type { Violation } from "./violation.ts";

/** Names the field unless the value is within the bounds, both allowed. NaN is not. */
export function checkRange(
  field: string,
  value: number,
  [min, max]: readonly [min: number, max: number],
  violations: Violation[],
): void {
  if (!(value >= min && value <= max)) {
    violations.push({ field, description: `found ${value}, but ${min} to ${max} is allowed` });
  }
}
