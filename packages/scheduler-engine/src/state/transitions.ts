import { assert } from "./assert.ts";
import type { Attempt, JobState } from "./job.ts";

/** What may follow a phase of an attempt. A phase never comes back: a new try is a new attempt. */
export const attemptTransitions: Readonly<Record<Attempt["phase"], readonly Attempt["phase"][]>> = {
  starting: ["running", "stopping", "exited"],
  running: ["stopping", "exited"],
  stopping: ["exited"],
  exited: [],
};

/**
 * What may follow a state of a job. `waiting` is for begin time or dependencies, `queued` for room.
 * An array is `running` as long as one task runs, so it may go back to `queued` between tasks; a
 * job that is retried goes back as well.
 */
export const jobTransitions: Readonly<Record<JobState, readonly JobState[]>> = {
  held: ["waiting", "queued", "cancelled"],
  waiting: ["held", "queued", "cancelled"],
  queued: ["held", "starting", "cancelled"],
  starting: ["running", "stopping", "queued", "held", "succeeded", "failed", "cancelled"],
  running: ["starting", "stopping", "queued", "held", "succeeded", "failed", "cancelled"],
  stopping: ["starting", "running", "queued", "held", "succeeded", "failed", "cancelled"],
  succeeded: [],
  failed: [],
  cancelled: [],
};

/** @throws BrokenInvariant when the table does not allow it */
export function changePhase(attempt: Attempt, to: Attempt["phase"]): void {
  assert(
    attemptTransitions[attempt.phase].includes(to),
    `an attempt goes from ${attempt.phase} to ${attemptTransitions[attempt.phase].join(" or ")}, never to ${to}`,
  );
  attempt.phase = to;
}
