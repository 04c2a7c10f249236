/** The longest wait `setTimeout` knows; a longer one would fire at once. */
const timeoutMsMax = 2 ** 31 - 1;

/**
 * Real time for a cluster process: whole milliseconds since 1970 that never go back. It follows a
 * wall clock that jumps ahead (a laptop that slept) and ignores one that is set back.
 */
export class RealTime {
  #aheadMs = performance.timeOrigin;
  #timer: NodeJS.Timeout | undefined;

  nowMs(): number {
    const monotonicMs = performance.now();
    this.#aheadMs = Math.max(this.#aheadMs, Date.now() - monotonicMs);
    return Math.floor(this.#aheadMs + monotonicMs);
  }

  /** One timer: a new call replaces the last. Far moments are reached in several waits. */
  wakeAt(momentMs: number | undefined, wake: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (momentMs === undefined) {
      return;
    }
    const waitMs = Math.max(0, momentMs - this.nowMs());
    const isFar = waitMs > timeoutMsMax;
    this.#timer = setTimeout(
      () => (isFar ? this.wakeAt(momentMs, wake) : wake()),
      Math.min(waitMs, timeoutMsMax),
    );
  }
}
