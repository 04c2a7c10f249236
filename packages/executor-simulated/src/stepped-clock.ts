import { type Instant, instant, toNumber } from "@ertis/quantities";
import type { Clock } from "@ertis/scheduler-runtime";

/** Something whose work must be finished before virtual time may go on. */
export interface QuietPart {
  isQuiet(): boolean;
  /** Resolves when the work at hand is done; more may have come up meanwhile. */
  whenQuiet(): Promise<void>;
}

/** Virtual time: it stands still until a driver moves it. */
export interface SteppedClock {
  now(): Instant;
  /** A clock of its own for each owner, because a `Clock` holds one timer. */
  clock(owner: string): Clock;
  /** The earliest timer; undefined when nobody waits for anything. */
  nextDueAt(): Instant | undefined;
  /**
   * Goes to `moment`, firing each timer on the way at its own time and waiting after each until
   * everything is quiet. Resolves when it is quiet at `moment`. One call at a time.
   */
  advanceTo(moment: Instant): Promise<void>;
}

interface Timer {
  readonly owner: string;
  dueMs: number | undefined;
  wake: () => void;
  /** How often it woke its owner without time going on. */
  wakesAtMoment: number;
}

/** An owner that wakes this often without time going on would do so for ever. */
const wakesPerMomentMax = 100_000;

/**
 * Waits until all parts are quiet at once: work in one may have made work for another.
 *
 * @param scheduler - asked first in every round, because it cannot say at once whether it is quiet
 * @throws Error when the parts keep each other busy for ever
 */
export function settleAll(
  parts: readonly QuietPart[],
  scheduler?: { quiet(): Promise<void> },
): () => Promise<void> {
  const roundsMax = 1_000_000;
  return async () => {
    for (let round = 0; round < roundsMax; round += 1) {
      await scheduler?.quiet();
      const busy = parts.find((part) => !part.isQuiet());
      if (busy === undefined) {
        return;
      }
      await busy.whenQuiet();
    }
    throw new Error(`not quiet after ${roundsMax} rounds: two parts keep each other busy`);
  };
}

/**
 * @param settle - resolves when no work is left that could still ask for a timer
 */
export function createSteppedClock(options: {
  readonly startAt: Instant;
  readonly settle: () => Promise<void>;
}): SteppedClock {
  return new VirtualTime(toNumber(options.startAt), options.settle);
}

class VirtualTime implements SteppedClock {
  #nowMs: number;
  readonly #settle: () => Promise<void>;
  // One per owner, and owners are few: a scan is simpler than a heap and as fast.
  readonly #timers: Timer[] = [];
  #isAdvancing = false;
  /** An owner that asks for the present moment again and again. */
  #stuckOwner: string | undefined;

  constructor(startMs: number, settle: () => Promise<void>) {
    this.#nowMs = startMs;
    this.#settle = settle;
  }

  now(): Instant {
    return instant(this.#nowMs);
  }

  clock(owner: string): Clock {
    if (this.#timers.some((timer) => timer.owner === owner)) {
      throw new Error(`the clock of "${owner}" was already taken: each owner has one timer`);
    }
    const timer: Timer = { owner, dueMs: undefined, wake: () => {}, wakesAtMoment: 0 };
    this.#timers.push(timer);
    return {
      now: () => this.now(),
      wakeAt: (moment, wake) => {
        timer.dueMs = moment === undefined ? undefined : Math.max(this.#nowMs, toNumber(moment));
        timer.wake = wake;
        if (timer.dueMs === this.#nowMs) {
          this.#wakeSoon(timer, wake);
        }
      },
    };
  }

  /**
   * What is due at the present moment needs no driver: an owner may be waiting for it before it
   * calls itself quiet, and time goes on only when all are quiet.
   */
  #wakeSoon(timer: Timer, wake: () => void): void {
    queueMicrotask(() => {
      const isStillWished = timer.wake === wake && timer.dueMs === this.#nowMs;
      if (isStillWished && this.#stuckOwner === undefined) {
        this.#fire(timer);
      }
    });
  }

  #fire(timer: Timer): void {
    timer.wakesAtMoment += 1;
    if (timer.wakesAtMoment > wakesPerMomentMax) {
      this.#stuckOwner = timer.owner;
      return;
    }
    timer.dueMs = undefined;
    timer.wake();
  }

  #goTo(momentMs: number): void {
    if (momentMs > this.#nowMs) {
      this.#nowMs = momentMs;
      for (const timer of this.#timers) {
        timer.wakesAtMoment = 0;
      }
    }
  }

  nextDueAt(): Instant | undefined {
    const dueMs = this.#next()?.dueMs;
    return dueMs === undefined ? undefined : instant(dueMs);
  }

  /**
   * Earliest first; at one moment the owner that came first. Not the timer that was set first: that
   * order would depend on how the owners' work happened to interleave.
   */
  #next(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (
        timer.dueMs !== undefined &&
        timer.dueMs < (earliest?.dueMs ?? Number.POSITIVE_INFINITY)
      ) {
        earliest = timer;
      }
    }
    return earliest;
  }

  async advanceTo(moment: Instant): Promise<void> {
    if (this.#isAdvancing) {
      throw new Error("advanceTo was called while time was already being advanced");
    }
    if (toNumber(moment) < this.#nowMs) {
      throw new RangeError(
        `virtual time is at ${this.#nowMs} and never goes back to ${toNumber(moment)}`,
      );
    }
    this.#isAdvancing = true;
    try {
      await this.#settle();
      await this.#fireUntil(toNumber(moment));
      this.#goTo(toNumber(moment));
    } finally {
      this.#isAdvancing = false;
    }
  }

  async #fireUntil(untilMs: number): Promise<void> {
    for (;;) {
      if (this.#stuckOwner !== undefined) {
        throw new Error(
          `"${this.#stuckOwner}" asked to be woken ${wakesPerMomentMax} times at ${this.#nowMs}: time cannot go on`,
        );
      }
      const timer = this.#next();
      if (timer?.dueMs === undefined || timer.dueMs > untilMs) {
        return;
      }
      this.#goTo(timer.dueMs);
      this.#fire(timer);
      await this.#settle();
    }
  }
}
