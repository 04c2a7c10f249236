import type { EstimateScore } from "../check/estimates.ts";
import type { FloorScore } from "../check/loss-windows.ts";
import type { PromiseScore } from "../check/promises.ts";
import type { Violation } from "../check/violation.ts";
import { domainColumns, siteColumns } from "../record/recorder.ts";
import { figuresOf, type JobFigures } from "../record/figures.ts";
import type { TargetScore } from "../check/target-meter.ts";
import type { Simulation } from "../run/simulation.ts";
import type { Ending } from "../run/stillness.ts";
import { type LeftJob, leftJobsOf } from "./left-jobs.ts";
import { type Line, lineIn } from "./line.ts";
import { type LostSupply, lostSuppliesOf } from "./lost-supplies.ts";
import { type Mark, marksOf } from "./marks.ts";
import { type RampOutcome, rampsOf } from "./ramp-outcome.ts";
import { momentText } from "../words/words.ts";

export interface DomainOutcome {
  readonly id: string;
  readonly limitWatts: number;
  /** Highest bound in force beside the limit, as a part. */
  readonly peakShare: number;
  readonly lines: readonly Line[];
}

/** All that a report shows of one run; plain data, so that JSON holds all of it. */
export interface Outcome {
  readonly title: string;
  /** What was run: a scenario, or a site and its trace. */
  readonly subject: string;
  readonly site: string;
  readonly seed: number;
  /** The command that runs it again. */
  readonly command: string;
  readonly rules: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  readonly ending: Ending;
  readonly gpuCount: number;
  readonly jobs: JobFigures;
  /** Jobs that had not ended, the oldest first, at most 200. */
  readonly leftJobs: readonly LeftJob[];
  readonly energyMegawattHours: number;
  /** Drawn at the feed beside what its budget and limit allowed, as a part. */
  readonly budgetUsed: number;
  readonly gpuHours: {
    readonly held: number;
    /** At full speed: done and kept, done and lost. */
    readonly kept: number;
    readonly wasted: number;
  };
  readonly promises: PromiseScore;
  /** What `why` told those who had to wait, beside what came. */
  readonly estimates: EstimateScore;
  /** What curtailments took of jobs beside what their tiers tolerate. */
  readonly floors: FloorScore;
  readonly curtailments: readonly TargetScore[];
  readonly lostSupplies: readonly LostSupply[];
  /** What happened to the site, for plots. */
  readonly marks: readonly Mark[];
  /** Of the feed, and of every domain with a limit for its ramp. */
  readonly ramps: readonly RampOutcome[];
  readonly violationCount: number;
  readonly violations: readonly Violation[];
  readonly refusedCount: number;
  /** Of them jobs; the others are orders of the events. */
  readonly refusedJobCount: number;
  readonly refusals: readonly string[];
  readonly eventCount: number;
  readonly momentCount: number;
  readonly timesMs: readonly number[];
  readonly domains: readonly DomainOutcome[];
  readonly lines: readonly Line[];
}

const msPerHour = 3_600_000;
const joulesPerMegawattHour = 3_600_000_000;

export interface OutcomeWords {
  readonly title: string;
  readonly subject: string;
  readonly command: string;
  readonly rules: readonly string[];
}

export function outcomeOf(simulation: Simulation, words: OutcomeWords): Outcome {
  const { recorder, checks, plant, input, controller } = simulation;
  const { site } = input;
  const buckets = recorder.series.buckets();
  const lineOf = (name: string, column: number): Line => lineIn(buckets, name, column);
  const spanMs = simulation.nowMs - simulation.startMs;
  const allowedWattMs = recorder.budgetWattMs;
  return {
    ...words,
    site: site.id,
    seed: input.seed,
    startMs: simulation.startMs,
    endMs: simulation.nowMs,
    ending: simulation.ending,
    gpuCount: site.nodes.reduce(
      (sum, node) => sum + (site.nodeClasses[node.classIndex]?.gpuCount ?? 0),
      0,
    ),
    jobs: figuresOf([...recorder.jobs.values()]),
    leftJobs: leftJobsOf(simulation),
    energyMegawattHours: recorder.energyJoules / joulesPerMegawattHour,
    budgetUsed:
      spanMs === 0 || allowedWattMs === 0 ? 0 : (recorder.energyJoules * 1_000) / allowedWattMs,
    gpuHours: {
      held: recorder.heldGpuMs / msPerHour,
      kept: plant.work.keptGpuMs / msPerHour,
      wasted: plant.work.wastedGpuMs / msPerHour,
    },
    floors: checks.floors.score,
    curtailments: simulation.checks.targets.scores(),
    lostSupplies: lostSuppliesOf(simulation),
    marks: marksOf(simulation),
    ramps: rampsOf(simulation, buckets),
    promises: checks.promises.score(),
    estimates: checks.estimates.score(),
    violationCount: checks.violationCount,
    violations: checks.violations,
    refusedCount: simulation.refusals.count,
    refusedJobCount: simulation.refusals.jobCount,
    refusals: simulation.refusals.first.map(
      ({ atMs, message }) => `${momentText(atMs)}, ${message}`,
    ),
    eventCount: controller.eventCount,
    momentCount: simulation.momentCount,
    timesMs: buckets.map(({ fromMs }) => fromMs),
    domains: recorder.domains.map((domain, at) => ({
      id: site.domains[domain]?.id ?? "",
      limitWatts: checks.book.limitWatts(domain),
      peakShare: recorder.peaks[domain] ?? 0,
      lines: domainColumns.map((name, column) => lineOf(name, at * domainColumns.length + column)),
    })),
    lines: siteColumns.map((name, column) =>
      lineOf(name, recorder.domains.length * domainColumns.length + column),
    ),
  };
}
