import type { Scheduler } from "@ertis/scheduler-runtime";

/** Wakes watchers when something was committed; one listener however many they are. */
export class CommitSignal {
  readonly #scheduler: Scheduler;
  readonly #leave: () => void;
  #waiters = new Set<() => void>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.#leave = scheduler.onCommit(() => {
      if (this.#waiters.size > 0) {
        const waiters = this.#waiters;
        this.#waiters = new Set();
        for (const wake of waiters) {
          wake();
        }
      }
    });
  }

  /**
   * Resolves when the log has grown past `sequence`, when the time is over, or when the signal
   * aborts.
   */
  async pastOrAfter(sequence: number, waitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#scheduler.lastSequence > sequence || signal.aborted) {
      return;
    }
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#waiters.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }

  close(): void {
    this.#leave();
  }
}

/** Waits, or less when the signal aborts. */
export async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  if (waitMs <= 0 || signal.aborted) {
    return;
  }
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    signal.addEventListener("abort", done, { once: true });
  });
}
