import { instant, toNumber } from "@ertis/quantities";
import type { Observation } from "@ertis/scheduler-engine";
import type {
  Clock,
  DesiredChange,
  Executor,
  MeasuredDraw,
  Reporter,
} from "@ertis/scheduler-runtime";
import { nextReadingMs } from "./cluster/draw-meter.ts";
import type { SimulatedCluster } from "./cluster/simulated-cluster.ts";
import type { QuietPart } from "./stepped-clock.ts";

/** A report is one command of the scheduler: bounded, so that none holds up the others. */
const observationsPerReportMax = 1_000;
/** How long a refused report waits before it is handed over again. */
const retryAfterMs = 1_000;

export interface InProcessExecutorOptions {
  /** May be handed on to the next executor: what was not acknowledged is then reported again. */
  readonly cluster: SimulatedCluster;
  /** A clock of its own: a `Clock` holds one timer. */
  readonly clock: Clock;
  readonly reporter?: Reporter;
  /** So often the meters are read; absent or 0: never. */
  readonly measureEveryMs?: number;
}

/** An executor that a driver of virtual time can wait for. */
export interface InProcessExecutor extends Executor, QuietPart {}

/** Runs a simulated cluster inside the scheduler's process, on whatever time the clock gives. */
export function createInProcessExecutor(options: InProcessExecutorOptions): InProcessExecutor {
  return new DirectExecutor(options);
}

class DirectExecutor implements InProcessExecutor {
  readonly site: string;
  readonly #cluster: SimulatedCluster;
  readonly #clock: Clock;
  readonly #reporter: Reporter | undefined;
  #report: ((observations: readonly Observation[]) => Promise<void>) | undefined;
  #measured: ((draw: MeasuredDraw) => void) | undefined;
  readonly #measureEveryMs: number;
  /** When the meters are read next. */
  #measuresAtMs = Infinity;
  #pumping: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: InProcessExecutorOptions) {
    this.site = options.cluster.site.id;
    this.#cluster = options.cluster;
    this.#clock = options.clock;
    this.#reporter = options.reporter;
    this.#measureEveryMs = options.measureEveryMs ?? 0;
  }

  realize(change: DesiredChange): void {
    if (this.#isClosed) {
      return;
    }
    const result = this.#cluster.realize(change, toNumber(this.#clock.now()));
    if (result.kind === "refused-old-generation") {
      this.#reporter?.warn("the cluster refused a wish older than one it has accepted", {
        site: this.site,
        generation: change.generation,
        newestGeneration: result.newestGeneration,
      });
    }
    this.#pump();
  }

  start(
    report: (observations: readonly Observation[]) => Promise<void>,
    measured?: (draw: MeasuredDraw) => void,
  ): void {
    this.#report = report;
    if (measured !== undefined && this.#measureEveryMs > 0) {
      this.#measured = measured;
      this.#measuresAtMs = nextReadingMs(toNumber(this.#clock.now()), this.#measureEveryMs);
    }
    this.#pump();
  }

  isQuiet(): boolean {
    return this.#pumping === undefined;
  }

  async whenQuiet(): Promise<void> {
    await this.#pumping;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#clock.wakeAt(undefined, () => {});
    await this.#pumping;
  }

  /** One pump at a time; it looks again for new reports before it ends. */
  #pump(): void {
    if (this.#pumping === undefined && this.#report !== undefined && !this.#isClosed) {
      this.#pumping = this.#handOver(this.#report);
    }
  }

  async #handOver(report: (observations: readonly Observation[]) => Promise<void>): Promise<void> {
    // `realize` is called in the middle of the scheduler's step: report only after it returned.
    await Promise.resolve();
    let nextMs: number;
    try {
      while (!this.#isClosed) {
        this.#cluster.advance(toNumber(this.#clock.now()));
        const pending = this.#cluster.observations(0, observationsPerReportMax);
        const last = pending.at(-1);
        if (last === undefined) {
          break;
        }
        await report(pending.map((item) => item.observation));
        this.#cluster.acknowledge(last.sequence);
      }
      this.#measure();
      nextMs = Math.min(this.#cluster.nextEventAt() ?? Infinity, this.#measuresAtMs);
    } catch (error) {
      this.#reporter?.warn("a report was not taken in; it will be handed over again", {
        site: this.site,
        error: String(error),
      });
      nextMs = toNumber(this.#clock.now()) + retryAfterMs;
    }
    this.#pumping = undefined;
    if (!this.#isClosed) {
      const next = nextMs === Infinity ? undefined : instant(nextMs);
      this.#clock.wakeAt(next, () => this.#pump());
    }
  }

  #measure(): void {
    const nowMs = toNumber(this.#clock.now());
    if (this.#isClosed || nowMs < this.#measuresAtMs) {
      return;
    }
    this.#measuresAtMs = nextReadingMs(nowMs, this.#measureEveryMs);
    const draw = this.#cluster.measure(nowMs);
    if (draw !== undefined) {
      this.#measured?.(draw);
    }
  }
}
