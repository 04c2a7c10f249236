/** A broken invariant is a bug: the process stops, because nothing it says can be trusted. */
class BrokenInvariant extends Error {
  override readonly name = "BrokenInvariant";
}

/** @throws BrokenInvariant when `condition` is false. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) {
    throw new BrokenInvariant(`broken invariant: ${sentence}`);
  }
}

/** The value, which the caller knows to be there. @throws BrokenInvariant when it is not. */
export function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) {
    throw new BrokenInvariant(`broken invariant: ${what} is known`);
  }
  return value;
}
