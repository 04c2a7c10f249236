import { atWorkFromNow, pauseOverheadMs, restoreMsOf } from "./at-work.ts";
import { pointAt } from "../curves/read-curve.ts";
import { fewestNodes, lowestCap, pausedSlotsMax } from "./allowances.ts";
import { runningWatts } from "./loads.ts";
import { capAtPrice, type CapStep, pausePrice, stepsDown } from "./prices.ts";
import type { DomainFit } from "./priced-fit.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";

/** Prefers what is paused already, so that a plan changes only for a real gain. */
const priceOfStaying = 0.9;

/** A job with its steps down, and the cap that the choice has come to so far. */
export class PricedJob {
  readonly job: ShedJob;
  /** Position in the problem's jobs. */
  readonly index: number;
  readonly steps: readonly CapStep[];
  /** May it pause, or give nodes back, at any price? */
  readonly mayPause: boolean;
  readonly mayShrink: boolean;
  readonly #problem: ShedProblem;
  /** Time of the slots that it may pause in at full power. */
  readonly #pausedMs: number;
  /** What a GPU counts under the cap that was last asked for beside those of the steps. */
  #askedCapWatts = Number.NaN;
  #askedWatts = 0;
  capWatts: number;

  constructor(
    { problem, draft }: Pick<DomainFit, "problem" | "draft">,
    index: number,
    job: ShedJob,
  ) {
    this.#problem = problem;
    this.job = job;
    this.index = index;
    const slots = pausedSlotsMax(problem, draft, job);
    this.#pausedMs = slots * draft.slotMs;
    this.mayPause = slots > 0;
    this.mayShrink = fewestNodes(problem, job) < job.nodeCount;
    const floor = lowestCap(problem, job, atWorkFromNow(problem, job));
    this.steps = stepsDown(job.curve, floor, problem.counts);
    this.capWatts = Math.max(floor, job.curve.points.at(-1)?.capWatts ?? floor);
  }

  /** The cap at a price (speed of one job per watt of one of its GPUs), never above what it has. */
  capAt(price: number): number {
    return capAtPrice(this.steps, this.capWatts, price);
  }

  /** Asked at every price that is tried, nearly always for a cap that was asked for before. */
  watts(capWatts: number): number {
    for (let at = 0; at < this.steps.length; at += 1) {
      const step = this.steps[at];
      if (step?.toCapWatts === capWatts) {
        return step.toWatts;
      }
    }
    if (capWatts !== this.#askedCapWatts) {
      this.#askedCapWatts = capWatts;
      this.#askedWatts = runningWatts(this.#problem, this.job, capWatts);
    }
    return this.#askedWatts;
  }

  /** Speed per watt of pausing it from a cap for as long as its tier allows; Infinity when it may not. */
  pausePrice(capWatts: number): number {
    if (!this.mayPause) {
      return Infinity;
    }
    const price = pausePrice(this.job, capWatts, {
      idleMs: this.#pausedMs,
      overheadMs: pauseOverheadMs(this.job) + restoreMsOf(this.job),
      counts: this.#problem.counts,
    });
    return this.job.isPausedNow ? price * priceOfStaying : price;
  }

  /** Speed per watt of giving nodes back at a cap; its checkpoint counts against its tier (`fewestNodes`). */
  shrinkPrice(capWatts: number): number {
    if (!this.mayShrink) {
      return Infinity;
    }
    const { speed } = pointAt(this.job.curve, capWatts);
    const freed = this.watts(capWatts) - this.job.idleWatts;
    return freed <= 0 ? Infinity : speed / freed;
  }
}
