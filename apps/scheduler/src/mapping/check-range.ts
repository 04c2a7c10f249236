import { readableInstant, readableLength } from "./readable.ts";
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

/** The same of a length in milliseconds, in the words of people: `found 3 h, but 1 s to 1 h is allowed`. */
export function checkLength(
  field: string,
  valueMs: number,
  [minMs, maxMs]: readonly [minMs: number, maxMs: number],
  violations: Violation[],
): void {
  if (!(valueMs >= minMs && valueMs <= maxMs)) {
    const bounds = [minMs, maxMs].map(readableLength);
    const found = readableLength(valueMs);
    // Rounded, what is just outside reads like the bound.
    const exactly = bounds.includes(found) ? ` (${valueMs} ms)` : "";
    violations.push({
      field,
      description: `found ${found}${exactly}, but ${bounds.join(" to ")} is allowed`,
    });
  }
}

/** Names the field of an instant that does not come after another, both milliseconds since the Unix epoch. */
export function checkAfter(
  [field, valueMs]: readonly [field: string, valueMs: number],
  [earlierField, earlierMs]: readonly [field: string, valueMs: number],
  violations: Violation[],
): void {
  if (valueMs <= earlierMs) {
    violations.push({
      field,
      description: `found ${readableInstant(valueMs)}, not after ${earlierField} ${readableInstant(earlierMs)}`,
    });
  }
}
