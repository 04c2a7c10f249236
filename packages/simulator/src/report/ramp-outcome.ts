import type { StepCause } from "../check/ramp-check.ts";
import { rampColumns } from "../record/recorder.ts";
import type { Bucket } from "../record/time-series.ts";
import type { Simulation } from "../run/simulation.ts";
import { type Line, lineIn } from "./line.ts";

/** Highest changes of a mean, and how long they passed the limit. */
export interface RampFigures {
  readonly upWatts: number;
  readonly downWatts: number;
  readonly overMs: number;
}

/** How fast a domain's mean draw changed: means over `windowMs`, `perMs` apart. */
export interface RampOutcome {
  readonly id: string;
  /** Undefined: the site file has none, and nothing is promised. */
  readonly limitWatts: number | undefined;
  readonly perMs: number;
  readonly windowMs: number;
  readonly drawn: RampFigures;
  /** Of the bounds in force, which the limit is promised for; undefined without a limit. */
  readonly bounds: RampFigures | undefined;
  /** Steps of bounds that passed the limit and were not planned, by cause. */
  readonly overCounts: Readonly<Partial<Record<StepCause, number>>>;
  readonly lines: readonly Line[];
}

export function rampsOf(
  { recorder, checks, controller, input, nowMs }: Simulation,
  buckets: readonly Bucket[],
): readonly RampOutcome[] {
  const scores = checks.ramps.score(controller.timeAt(nowMs));
  return recorder.ramps.map(({ domain, rule, upWatts, downWatts, overMs }, index) => {
    const score = scores.find((one) => one.domain === domain);
    const first = recorder.rampColumnsAt + index * rampColumns.length;
    return {
      id: input.site.domains[domain]?.id ?? "",
      limitWatts: Number.isFinite(rule.limitWatts) ? rule.limitWatts : undefined,
      perMs: rule.perMs,
      windowMs: rule.windowMs,
      drawn: { upWatts, downWatts, overMs },
      bounds:
        score === undefined
          ? undefined
          : { upWatts: score.upWatts, downWatts: score.downWatts, overMs: score.overMs },
      overCounts: score?.overCounts ?? {},
      lines: rampColumns.map((name, column) => lineIn(buckets, name, first + column)),
    };
  });
}
