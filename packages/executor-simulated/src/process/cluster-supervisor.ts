import { setTimeout as pause } from "node:timers/promises";
import type { Reporter } from "@ertis/scheduler-runtime";

/** First wait before a restart; doubles up to the maximum. */
const waitMs = { first: 1_000, max: 60_000 } as const;
/** What starts so often in this time ends by itself: another start would not help. */
const restarts = { max: 5, withinMs: 10 * 60_000 } as const;

export interface ClusterSupervisorOptions {
  readonly site: string;
  /** Finds the process that listens, or starts one. */
  readonly restart: () => Promise<{ readonly kind: "started" | "found"; readonly pid: number }>;
  readonly reporter: Reporter;
  /** For tests: how time passes. */
  readonly time?: SupervisorTime;
}

export interface SupervisorTime {
  readonly nowMs: () => number;
  readonly wait: (lengthMs: number, signal: AbortSignal) => Promise<void>;
}

const realTime: SupervisorTime = {
  nowMs: () => performance.now(),
  wait: (lengthMs, signal) => pause(lengthMs, undefined, { signal }),
};

/**
 * Starts the process of a simulated cluster again when it has ended: what ran in it is lost and tried again.
 * Waits longer each time, and gives up where it ends again and again.
 */
export class ClusterSupervisor {
  readonly #options: ClusterSupervisorOptions;
  readonly #time: SupervisorTime;
  readonly #closing = new AbortController();
  /** When processes were started, the last ones. */
  #startedAtMs: number[] = [];
  #isAway = false;
  #running: Promise<void> | undefined;

  constructor(options: ClusterSupervisorOptions) {
    this.#options = options;
    this.#time = options.time ?? realTime;
  }

  /** The connection to the cluster has ended. */
  lost(): void {
    this.#isAway = true;
    this.#running ??= this.#bringBack().finally(() => {
      this.#running = undefined;
    });
  }

  /** The cluster speaks again. */
  back(): void {
    this.#isAway = false;
  }

  /** Resolves when nothing more will be started. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #bringBack(): Promise<void> {
    const { signal } = this.#closing;
    for (let lengthMs: number = waitMs.first; ; lengthMs = Math.min(2 * lengthMs, waitMs.max)) {
      try {
        await this.#time.wait(lengthMs, signal);
      } catch {
        // Closing: the process stays as it is.
        return;
      }
      if (!this.#isAway || signal.aborted || this.#hasGivenUp()) {
        return;
      }
      await this.#tryOnce();
    }
  }

  #hasGivenUp(): boolean {
    const fromMs = this.#time.nowMs() - restarts.withinMs;
    this.#startedAtMs = this.#startedAtMs.filter((atMs) => atMs >= fromMs);
    if (this.#startedAtMs.length < restarts.max) {
      return false;
    }
    const { reporter, site } = this.#options;
    reporter.warn(
      `the cluster process ended ${restarts.max} times in ${restarts.withinMs / 60_000} minutes and is not started again; restart the server once its log says why`,
      { site },
    );
    return true;
  }

  async #tryOnce(): Promise<void> {
    const { site, restart, reporter } = this.#options;
    try {
      const { kind, pid } = await restart();
      if (kind === "started") {
        this.#startedAtMs.push(this.#time.nowMs());
        reporter.warn("the cluster process had ended and was started again", { site, pid });
      }
    } catch (error) {
      this.#startedAtMs.push(this.#time.nowMs());
      const message = error instanceof Error ? error.message : String(error);
      reporter.warn("the cluster process cannot be started again", { site, error: message });
    }
  }
}
