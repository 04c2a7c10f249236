import { type Instant, instant, toNumber } from "@ertis/quantities";
import type { Clock } from "@ertis/scheduler-runtime";

/** A timer holds at most 2^31 ms, and stands still while the machine sleeps: look again now and then. */
const waitMsMax = 60_000;

/**
 * The machine's time, in whole milliseconds, never going back: it runs on the monotonic clock, follows
 * a wall clock that jumps ahead (a laptop that slept) and ignores one that is set back. The simulated
 * clusters do the same, so that both agree on what came before what.
 */
export function createRealClock(wallMs: () => number = Date.now): Clock {
  let aheadMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const now = (): Instant => {
    const monotonicMs = performance.now();
    aheadMs = Math.max(aheadMs, wallMs() - monotonicMs);
    return instant(Math.floor(aheadMs + monotonicMs));
  };
  return {
    now,
    wakeAt: (moment, wake) => {
      clearTimeout(timer);
      timer = undefined;
      if (moment === undefined) {
        return;
      }
      const arm = (): void => {
        const leftMs = toNumber(moment) - toNumber(now());
        if (leftMs <= 0) {
          timer = undefined;
          wake();
        } else {
          timer = setTimeout(arm, Math.min(waitMsMax, leftMs));
        }
      };
      timer = setTimeout(arm, Math.min(waitMsMax, Math.max(0, toNumber(moment) - toNumber(now()))));
    },
  };
}
