import { type EngineState, explainJob, type JobNumber } from "@ertis/scheduler-engine";
import type { Estimates } from "../check/estimates.ts";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";

const questionsMaxUsual = 1_000;

/** Asks the scheduler why jobs wait, once each, at the end of the moment in which they came. */
export class Questions {
  readonly #stride: number;
  #waiting: JobNumber[] = [];

  constructor(jobCount: number, questionsMax: number = questionsMaxUsual) {
    this.#stride = questionsMax === 0 ? Infinity : Math.max(1, Math.ceil(jobCount / questionsMax));
  }

  note(number: JobNumber, { index }: SimulatedJob): void {
    if (index % this.#stride === 0) {
      this.#waiting.push(number);
    }
  }

  ask(state: EngineState, estimates: Estimates): void {
    for (const number of this.#waiting) {
      const explanation = explainJob(state, number);
      // Who is not in the queue waits for nothing.
      if (explanation?.ahead !== undefined) {
        estimates.ask(number, explanation);
      }
    }
    this.#waiting = [];
  }
}
