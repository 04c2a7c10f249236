import { type EngineState, type JobState, jobState, jobTransitions } from "@ertis/scheduler-engine";

/** Watches every job from one command to the next, against the table of what may follow what. */
export class JobStates {
  readonly #last = new Map<number, JobState>();

  /** What the last command did that the table does not allow. */
  check(state: EngineState, command: string): readonly string[] {
    const wrong: string[] = [];
    for (const job of state.jobs.after(0)) {
      const now = jobState(job);
      const before = this.#last.get(job.number);
      if (before !== undefined && before !== now && !jobTransitions[before].includes(now)) {
        wrong.push(`${command} took job ${job.number} from ${before} to ${now}`);
      }
      this.#last.set(job.number, now);
    }
    return wrong;
  }
}
