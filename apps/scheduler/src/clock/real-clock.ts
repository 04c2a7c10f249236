import { type Instant, instant, toNumber } from "@ertis/quantities";
import type { Clock } from "@ertis/scheduler-runtime";

/**
 * A wait is cut to a minute: `setTimeout` fires at once above 2^31 - 1 ms, and its own time stands
 * still while a machine sleeps, so a moment can come sooner than a long wait would notice.
 */
const waitMsMax = 60_000;

/** What a computer offers to tell the time with. */
export interface TimeSources {
  /** Milliseconds since 1970; people and NTP may set it, also back. */
  wallMs(): number;
  /** Milliseconds that only grow; from where they count does not matter. */
  monotonicMs(): number;
}

/** Real time, shared by all who wait for something. */
export interface RealTime {
  /** Never less than before, also when the wall clock is set back. */
  now(): Instant;
  /** A clock of its own for each owner, because a `Clock` holds one timer. */
  clock(): Clock;
}

const computer: TimeSources = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/**
 * Time that never goes back: the monotonic clock, moved ahead whenever the wall clock is ahead of it
 * (it was set, or the machine slept). A wall clock that is set back changes nothing until the next
 * start: walltimes go on at their pace, only later than the wall says.
 */
export function createRealTime(sources: TimeSources = computer): RealTime {
  let aheadMs = Number.NEGATIVE_INFINITY;
  const now = (): Instant => {
    const monotonicMs = sources.monotonicMs();
    aheadMs = Math.max(aheadMs, sources.wallMs() - monotonicMs);
    return instant(Math.floor(aheadMs + monotonicMs));
  };
  return { now, clock: () => createClock(now) };
}

function createClock(now: () => Instant): Clock {
  let timer: NodeJS.Timeout | undefined;
  const wakeAt = (moment: Instant | undefined, wake: () => void): void => {
    clearTimeout(timer);
    timer = undefined;
    if (moment === undefined) {
      return;
    }
    const waitMs = Math.max(0, toNumber(moment) - toNumber(now()));
    timer = setTimeout(
      () => {
        // Also when the timer fired a little early: nobody is woken before their moment.
        if (now() < moment) {
          wakeAt(moment, wake);
        } else {
          wake();
        }
      },
      Math.min(waitMs, waitMsMax),
    );
  };
  return { now, wakeAt };
}
