import { pointAt } from "../curves/read-curve.ts";
import { fewestNodes, lowestCap, pausedSlotsMax } from "./allowances.ts";
import { runningWatts } from "./loads.ts";
import { capAtPrice, type CapStep, pausePrice, stepsDown } from "./prices.ts";
import { pauseOverheadMs, type ShedDraft } from "./shed-draft.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";

/** Prefers what is paused already, so that a plan changes only for a real gain. */
const priceOfStaying = 0.9;

/** A job with its steps down, and the cap that the choice has come to so far. */
export class PricedJob {
  readonly job: ShedJob;
  /** Position in the problem's jobs. */
  readonly index: number;
  readonly steps: readonly CapStep[];
  readonly #problem: ShedProblem;
  /** What a GPU counts after each step, and under the cap that was last asked for beside them. */
  readonly #wattsOfSteps: readonly number[];
  #askedCapWatts = Number.NaN;
  #askedWatts = 0;
  capWatts: number;

  constructor(problem: ShedProblem, job: ShedJob, index: number) {
    this.#problem = problem;
    this.job = job;
    this.index = index;
    const floor = lowestCap(problem, job, 0);
    this.steps = stepsDown(job.curve, floor, problem.counts);
    this.#wattsOfSteps = this.steps.map((step) => runningWatts(problem, job, step.toCapWatts));
    this.capWatts = Math.max(floor, job.curve.points.at(-1)?.capWatts ?? floor);
  }

  /** The cap at a price (speed of one job per watt of one of its GPUs), never above what it has. */
  capAt(price: number): number {
    return capAtPrice(this.steps, this.capWatts, price);
  }

  /** Asked at every price that is tried, nearly always for a cap that was asked for before. */
  watts(capWatts: number): number {
    for (let at = 0; at < this.steps.length; at += 1) {
      if (this.steps[at]?.toCapWatts === capWatts) {
        return this.#wattsOfSteps[at] ?? 0;
      }
    }
    if (capWatts !== this.#askedCapWatts) {
      this.#askedCapWatts = capWatts;
      this.#askedWatts = runningWatts(this.#problem, this.job, capWatts);
    }
    return this.#askedWatts;
  }

  /** Speed per watt of pausing it from a cap for as long as its tier allows; Infinity when it may not. */
  pausePrice(draft: ShedDraft, capWatts: number): number {
    const slots = pausedSlotsMax(this.#problem, draft, this.job);
    if (slots === 0) {
      return Infinity;
    }
    const price = pausePrice(this.job, capWatts, {
      idleMs: slots * draft.slotMs,
      overheadMs: pauseOverheadMs(this.job),
      counts: this.#problem.counts,
    });
    return this.job.isPausedNow ? price * priceOfStaying : price;
  }

  /** Speed per watt of giving nodes back at a cap; its checkpoint counts against its tier (`fewestNodes`). */
  shrinkPrice(capWatts: number): number {
    if (fewestNodes(this.#problem, this.job) === this.job.nodeCount) {
      return Infinity;
    }
    const { speed } = pointAt(this.job.curve, capWatts);
    const freed = this.watts(capWatts) - this.job.idleWatts;
    return freed <= 0 ? Infinity : speed / freed;
  }
}
