/** Longer waits are cut: a timer's own time stands still while the machine sleeps. */
const waitMsMax = 60_000;

/**
 * Real time for a cluster process: whole milliseconds since 1970 that never go back. It follows a
 * wall clock that jumps ahead (a laptop that slept) and ignores one that is set back, as the server
 * does, so that the two agree on what happened before what.
 */
export class RealTime {
  #aheadMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  nowMs(): number {
    const monotonicMs = performance.now();
    this.#aheadMs = Math.max(this.#aheadMs, Date.now() - monotonicMs);
    return Math.floor(this.#aheadMs + monotonicMs);
  }

  /** One timer: a new call replaces the last. It may wake too early, and then is asked again. */
  wakeAt(momentMs: number | undefined, wake: () => void): void {
    clearTimeout(this.#timer);
    this.#timer =
      momentMs === undefined
        ? undefined
        : setTimeout(wake, Math.min(waitMsMax, Math.max(0, momentMs - this.nowMs())));
  }
}
