import { explainJob, explanationSentence } from "@ertis/scheduler-engine";
import type { Simulation } from "../run/simulation.ts";
import { gpusOf } from "../record/recorder.ts";
import { momentText } from "../words/words.ts";

/** A job that had not ended when the run did, and what the scheduler says of it then. */
export interface LeftJob {
  readonly job: number;
  readonly name: string;
  readonly owner: string;
  readonly gpuCount: number;
  readonly submittedAtMs: number;
  readonly isWaiting: boolean;
  /** What `ertis why` says: to be read after the name of the job. */
  readonly why: string;
}

/** An explanation walks over the whole site: of so many jobs, the oldest, it is asked for. */
const explainedMax = 200;

/** The oldest first. */
export function leftJobsOf({ recorder, controller }: Simulation): readonly LeftJob[] {
  const { state } = controller.engine;
  return [...recorder.jobs]
    .filter(([, { endedAtMs, outcome }]) => endedAtMs === undefined && outcome === undefined)
    .slice(0, explainedMax)
    .map(([number, { job, submittedAtMs }]) => {
      const explanation = explainJob(state, number);
      return {
        job: number,
        name: job.name,
        owner: job.owner,
        gpuCount: gpusOf(job),
        submittedAtMs,
        isWaiting: explanation?.ahead !== undefined,
        why:
          explanation === undefined
            ? "is not known any more"
            : explanationSentence(explanation, { time: momentText }),
      };
    });
}
