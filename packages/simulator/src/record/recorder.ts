import type { Event } from "@ertis/scheduler-engine";
import type { Site } from "@ertis/site-model";
import type { BudgetCheck } from "../check/budget-check.ts";
import type { SiteBook } from "../check/site-book.ts";
import type { Plant } from "../plant/plant.ts";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { createJobRecord, type JobRecord } from "./job-record.ts";
import { DrawnRamp, rampsShown } from "./drawn-ramp.ts";
import { QuietTime, type Stretch } from "./quiet-time.ts";
import { TimeSeries } from "./time-series.ts";

/** What is kept of each domain, in this order. */
export const domainColumns = ["bound", "draw", "limit", "budget", "target"] as const;
/** What is kept of the site as a whole, after the domains. */
export const siteColumns = ["queuedJobs", "queuedGpus", "runningGpus", "lostGpus"] as const;
/** How steep the draw of each ramp is, after those. */
export const rampColumns = ["up", "down"] as const;

const bucketsMax = 720;
const domainsMax = 9;

export interface RecorderOptions {
  readonly site: Site;
  readonly startMs: number;
  readonly book: SiteBook;
  readonly budgets: BudgetCheck;
  readonly plant: Plant;
  readonly jobOf: (job: number) => SimulatedJob | undefined;
}

/** Keeps what a report shows: series over time and what became of each job. */
export class Recorder {
  readonly jobs: Map<number, JobRecord> = new Map();
  readonly series: TimeSeries;
  /** Positions of the domains that are shown, from the feed down. */
  readonly domains: readonly number[];
  readonly #options: RecorderOptions;
  readonly #values: Float64Array;
  #queuedJobs = 0;
  #queuedGpus = 0;
  #runningGpus = 0;
  #lastMs: number;
  readonly #quiet = new QuietTime();
  /** Joules drawn at the feed, and GPU-ms held. */
  energyJoules = 0;
  heldGpuMs = 0;
  /** Watt-ms of the budget (or limit) at the feed. */
  budgetWattMs = 0;
  /** Curtailments that were accepted. */
  readonly curtailed: Set<string> = new Set();
  /** Nodes as they were found to be lost, with the domains that hold them. */
  readonly lostNodes: { readonly atMs: number; readonly domain: number }[] = [];
  /** Highest load of each domain beside its limit, as a part. */
  readonly peaks: Float64Array;
  /** Of the feed, and of domains with a limit for it. */
  readonly ramps: readonly DrawnRamp[];

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.domains = shownDomains(options.site);
    this.ramps = rampsShown(options.site).map((shown) => new DrawnRamp(shown));
    const columnCount =
      this.domains.length * domainColumns.length +
      siteColumns.length +
      this.ramps.length * (rampColumns.length + 1);
    this.series = new TimeSeries(options.startMs, columnCount, bucketsMax);
    this.#values = new Float64Array(columnCount);
    this.#lastMs = options.startMs;
    this.peaks = new Float64Array(options.site.domains.length);
  }

  /**
   * Everything stayed as it is until now; it may change at this moment. `isQuiet`: it counts only if
   * something moves later on.
   */
  passTo(nowMs: number, isQuiet = false): void {
    if (nowMs <= this.#lastMs) {
      return;
    }
    this.#sample();
    this.#quiet.push({ fromMs: this.#lastMs, untilMs: nowMs, values: this.#values });
    this.#lastMs = nowMs;
    if (!isQuiet) {
      for (const stretch of this.#quiet.take()) {
        this.#account(stretch);
      }
    }
  }

  /** Nothing moves any more. @returns the end of what counts */
  dropQuiet(): number {
    this.#lastMs = this.#quiet.take()[0]?.fromMs ?? this.#lastMs;
    return this.#lastMs;
  }

  #account({ fromMs, untilMs, values }: Stretch): void {
    const at = this.domains.length * domainColumns.length;
    this.#rampTo(untilMs, fromMs, values);
    const [, feedDraw = 0, limit = 0, budget = 0] = values;
    const lengthMs = untilMs - fromMs;
    this.series.add(fromMs, untilMs, values);
    this.energyJoules += (feedDraw * lengthMs) / 1_000;
    this.heldGpuMs += (values[at + 2] ?? 0) * lengthMs;
    this.budgetWattMs += (Number.isNaN(budget) ? limit : budget) * lengthMs;
  }

  /** Draws of domains with a ramp stand last: their place is taken by what follows from them. */
  #rampTo(untilMs: number, fromMs: number, values: Float64Array): void {
    const first = this.rampColumnsAt;
    const drawsAt = first + this.ramps.length * rampColumns.length;
    this.ramps.forEach((ramp, index) => {
      const { upWatts, downWatts } = ramp.pass(fromMs, untilMs, values[drawsAt + index] ?? 0);
      values[first + index * rampColumns.length] = upWatts;
      values[first + index * rampColumns.length + 1] = downWatts;
    });
  }

  /** Position of the first ramp's columns. */
  get rampColumnsAt(): number {
    return this.domains.length * domainColumns.length + siteColumns.length;
  }

  observe(event: Event, worldMs: number): void {
    switch (event.kind) {
      case "jobs-submitted":
        event.items.forEach((_, at) => this.#submit(event.firstJob + at, worldMs));
        return;
      case "attempt-started":
        return this.#start(event.attempt.job, event.placement, worldMs);
      case "attempt-exited": {
        const record = this.jobs.get(event.attempt.job);
        if (record === undefined) {
          return;
        }
        this.#runningGpus -= record.heldGpuCount;
        record.heldGpuCount = 0;
        if (event.next === "finish") {
          record.endedAtMs = worldMs;
          record.outcome = event.outcome.kind;
          record.failureCategory = event.outcome.kind === "failed" ? event.outcome.category : "";
        } else {
          this.#queue(record.job, 1);
        }
        return;
      }
      case "curtailment-scheduled":
        this.curtailed.add(event.curtailment.id);
        return;
      case "node-lost": {
        const domain = this.#options.site.nodes[event.node]?.domainIndex ?? 0;
        this.lostNodes.push({ atMs: worldMs, domain });
        return;
      }
      case "cap-set": {
        const record = this.jobs.get(event.attempt.job);
        if (record !== undefined && event.capWatts > 0) {
          lowerTo(record, event.capWatts);
        }
        return;
      }
      case "jobs-cancelled":
        for (const job of event.jobs) {
          const record = this.jobs.get(job);
          if (record !== undefined && record.outcome === undefined) {
            record.outcome = "cancelled";
          }
        }
        return;
      default:
    }
  }

  #submit(number: number, worldMs: number): void {
    const job = this.#options.jobOf(number);
    if (job !== undefined) {
      this.jobs.set(number, createJobRecord(job, worldMs));
      this.#queue(job, 1);
    }
  }

  #start(
    number: number,
    placement: { readonly capWatts: number; readonly nodes: readonly number[] },
    worldMs: number,
  ): void {
    const record = this.jobs.get(number);
    if (record === undefined) {
      return;
    }
    record.firstStartAtMs ??= worldMs;
    record.attemptCount += 1;
    record.nodeCountLeast = Math.min(record.nodeCountLeast, placement.nodes.length);
    if (placement.capWatts > 0) {
      lowerTo(record, placement.capWatts);
    }
    this.#queue(record.job, -1);
    // It may run on fewer nodes than it asks for.
    record.heldGpuCount = placement.nodes.length * record.job.gpusPerNode;
    this.#runningGpus += record.heldGpuCount;
  }

  #queue(job: SimulatedJob, change: 1 | -1): void {
    this.#queuedJobs += change;
    this.#queuedGpus += change * gpusOf(job);
  }

  #sample(): void {
    const { book, plant, budgets } = this.#options;
    const values = this.#values;
    let at = 0;
    for (const domain of this.domains) {
      const usable = book.usableWatts(domain);
      const bound = book.loadWatts(domain);
      values[at] = bound;
      values[at + 1] = plant.power.domainWatts(domain);
      values[at + 2] = usable;
      values[at + 3] = finiteOr(budgets.ceilingWatts(domain, this.#lastMs, false));
      values[at + 4] = finiteOr(budgets.ceilingWatts(domain, this.#lastMs, true));
      this.peaks[domain] = Math.max(this.peaks[domain] ?? 0, bound / book.limitWatts(domain));
      at += domainColumns.length;
    }
    values[at] = this.#queuedJobs;
    values[at + 1] = this.#queuedGpus;
    values[at + 2] = this.#runningGpus;
    values[at + 3] = plant.work.lostGpus;
    const drawsAt = this.rampColumnsAt + this.ramps.length * rampColumns.length;
    this.ramps.forEach(({ domain }, index) => {
      values[drawsAt + index] = plant.power.domainWatts(domain);
    });
  }
}

/** Not there: left out of plots and means. */
function finiteOr(watts: number): number {
  return Number.isFinite(watts) ? watts : Number.NaN;
}

function lowerTo(record: JobRecord, capWatts: number): void {
  record.lowestCapWatts =
    record.lowestCapWatts === 0 ? capWatts : Math.min(record.lowestCapWatts, capWatts);
}

export function gpusOf(job: SimulatedJob): number {
  return job.nodeCount * job.gpusPerNode;
}

/** From the feed down, whole levels as long as there is room. */
function shownDomains(site: Site): readonly number[] {
  const shown: number[] = [];
  let level = site.domains.filter(({ parentIndex }) => parentIndex === -1);
  while (level.length > 0 && shown.length + level.length <= domainsMax) {
    shown.push(...level.map(({ index }) => index));
    const above = new Set(level.map(({ index }) => index));
    level = site.domains.filter(({ parentIndex }) => above.has(parentIndex));
  }
  return shown;
}
