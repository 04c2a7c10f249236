/** How long to wait between tries. */
export interface BackOff {
  /** Upper bound of the first wait, milliseconds. */
  readonly firstMs: number;
  /** Upper bound of any wait, milliseconds. */
  readonly longestMs: number;
}

/**
 * The wait before try `retry` (1 = the first retry), milliseconds: a random part between half and all of
 * a bound that doubles. The half keeps a crowd from hammering, the random part from coming together.
 *
 * @param random a number from 0 (inclusive) to 1, as `Math.random()` gives it
 */
export function toWaitMs(backOff: BackOff, retry: number, random: number): number {
  const boundMs = Math.min(backOff.longestMs, backOff.firstMs * 2 ** Math.min(retry - 1, 30));
  return Math.ceil(boundMs * (0.5 + random / 2));
}

/** Resolves after `waitMs`, or at once when the signal aborts. */
export async function wait(waitMs: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, waitMs);
    signal?.addEventListener("abort", finish);
  });
}
