import { preemptionsPerPassMax } from "../../limits.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { gaveWayUntilMs, mayPreempt, mayStandBesideOthers } from "./may-preempt.ts";

/** When jobs were left to later, a pass goes on with them after this time at the latest. */
const goesOnAfterMs = 1_000;

/**
 * For whom a preemption is thought about in one placement pass. Once it has thought about so many, whoever else could
 * stop somebody is left to a pass that goes on a little later, even if nothing happens until then: by what is noted
 * until something is released it thinks about none of these again.
 */
export class PreemptionLooks {
  readonly #state: EngineState;
  #countLeft = preemptionsPerPassMax;

  /** @param isFull everybody is looked at who may have been left to later */
  constructor(state: EngineState, isFull: boolean) {
    this.#state = state;
    if (isFull) {
      state.preemptsGoOnAtMs = Infinity;
    }
  }

  get areLeft(): boolean {
    return this.#countLeft > 0;
  }

  /** Is a preemption to be thought about for a job that does not fit? Only while some are left. */
  take(job: Job): boolean {
    const { nowMs, releaseCount, preemptsThought, preemptsAgainAtMs } = this.#state;
    const gaveWayMs = gaveWayUntilMs(job);
    if (gaveWayMs > nowMs) {
      this.#state.preemptsAgainAtMs = Math.min(preemptsAgainAtMs, gaveWayMs);
    }
    if (!mayPreempt(this.#state, job) || preemptsThought.has(job.number, releaseCount)) {
      return false;
    }
    this.#countLeft -= 1;
    preemptsThought.add(job.number, releaseCount);
    return true;
  }

  /** Is a job left to a pass that goes on? */
  leaves(job: Job): boolean {
    const { releaseCount, preemptsThought } = this.#state;
    const isLeft =
      !this.areLeft &&
      !preemptsThought.has(job.number, releaseCount) &&
      mayPreempt(this.#state, job) &&
      mayStandBesideOthers(this.#state, job);
    if (isLeft) {
      this.goOn();
    }
    return isLeft;
  }

  /** Sets when a pass goes on. */
  goOn(): void {
    const { nowMs, preemptsGoOnAtMs } = this.#state;
    this.#state.preemptsGoOnAtMs = Math.min(preemptsGoOnAtMs, nowMs + goesOnAfterMs);
  }
}
