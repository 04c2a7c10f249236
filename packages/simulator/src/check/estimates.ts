import type { Explanation } from "@ertis/scheduler-engine";
import { type Spread, spreadOf } from "../record/figures.ts";
import { preciseText } from "../words/words.ts";
import type { Report } from "./violation.ts";

/** What `why` said of a job that waits. */
interface Told {
  /** Undefined: only estimates were told. */
  readonly boundMs: number | undefined;
  /** It waits behind a promised start, of which a bound knows nothing. */
  readonly isEstimated: boolean;
  /** Earliest starts at caps, bounds or estimates, the highest first; 0: full power. */
  readonly options: readonly { readonly capWatts: number; readonly boundMs: number }[];
}

/** How far bounds were off. */
export interface BoundScore {
  /** Jobs that were told one and have started. */
  readonly startedCount: number;
  /** Seconds by which those started later than their bound that did not start before it. */
  readonly laterSeconds: Spread;
  /** Started before it, since others ended before their walltime or nodes came back; by so many seconds. */
  readonly earlierCount: number;
  readonly earlierSeconds: Spread;
}

/** Earliest starts as they were told at the submit, beside the starts that came. */
export interface EstimateScore {
  /** Jobs that had to wait and were asked about. */
  readonly askedCount: number;
  /** Of those, told an earliest start later than now. */
  readonly boundedCount: number;
  readonly any: BoundScore;
  /** The bound told for full power, of those that started at full power. */
  readonly fullPower: BoundScore;
  /** The bound told for the cap at or below the one they started with. */
  readonly capped: BoundScore;
  /** What was estimated behind promised starts, for the cap of the start or full power. */
  readonly estimated: BoundScore;
  /** Starts that were called kept though nobody had promised them. */
  readonly falsePromiseCount: number;
}

/** Scores what `why` tells those who wait: starts if nothing ends before its walltime, which nobody promises. */
export class Estimates {
  readonly #report: Report;
  readonly #promisedMs: (job: number) => number | undefined;
  readonly #told = new Map<number, Told>();
  readonly #errors: Record<"any" | "fullPower" | "capped" | "estimated", number[]> = {
    estimated: [],
    any: [],
    fullPower: [],
    capped: [],
  };
  #askedCount = 0;
  #boundedCount = 0;
  #falsePromiseCount = 0;

  constructor(promisedMs: (job: number) => number | undefined, report: Report) {
    this.#promisedMs = promisedMs;
    this.#report = report;
  }

  ask(job: number, explanation: Explanation): void {
    const { startLowerBoundMs, startOptions, reservedStartMs } = explanation;
    this.#askedCount += 1;
    if (reservedStartMs !== undefined && reservedStartMs !== this.#promisedMs(job)) {
      this.#falsePromiseCount += 1;
      this.#report(
        "promised-start",
        `job ${job} is told that a start is kept for it at ${preciseText(reservedStartMs)}, which nobody promised`,
      );
    }
    if (startLowerBoundMs === undefined && startOptions.length === 0) {
      return;
    }
    this.#boundedCount += startLowerBoundMs === undefined ? 0 : 1;
    const options = startOptions.flatMap(({ capWatts, startMs: boundMs }) =>
      boundMs === undefined ? [] : [{ capWatts, boundMs }],
    );
    const isEstimated =
      startLowerBoundMs === undefined || startOptions.some(({ isEstimate }) => isEstimate);
    this.#told.set(job, { boundMs: startLowerBoundMs, isEstimated, options });
  }

  /** @param capWatts 0: at full power */
  started(job: number, capWatts: number, atMs: number): void {
    const told = this.#told.get(job);
    if (told === undefined) {
      return;
    }
    this.#told.delete(job);
    const option = told.options.find((one) =>
      capWatts === 0 ? one.capWatts === 0 : one.capWatts !== 0 && one.capWatts <= capWatts,
    );
    if (told.isEstimated) {
      const nearest = option ?? told.options[0];
      this.#errors.estimated.push(atMs - (nearest?.boundMs ?? atMs));
    }
    if (told.boundMs !== undefined) {
      this.#errors.any.push(atMs - told.boundMs);
    }
    if (option !== undefined && !told.isEstimated) {
      this.#errors[capWatts === 0 ? "fullPower" : "capped"].push(atMs - option.boundMs);
    }
  }

  score(): EstimateScore {
    return {
      askedCount: this.#askedCount,
      boundedCount: this.#boundedCount,
      any: boundScore(this.#errors.any),
      fullPower: boundScore(this.#errors.fullPower),
      capped: boundScore(this.#errors.capped),
      estimated: boundScore(this.#errors.estimated),
      falsePromiseCount: this.#falsePromiseCount,
    };
  }
}

function boundScore(errorsMs: readonly number[]): BoundScore {
  const earlier = errorsMs.filter((ms) => ms < 0).map((ms) => -ms / 1_000);
  const later = errorsMs.filter((ms) => ms >= 0).map((ms) => ms / 1_000);
  return {
    startedCount: errorsMs.length,
    laterSeconds: spreadOf(later),
    earlierCount: earlier.length,
    earlierSeconds: spreadOf(earlier),
  };
}
