import type { EngineState } from "../../state/engine-state.ts";
import { activeAttempts, type Attempt, type Job } from "../../state/job.ts";
import { taskIdOf } from "../../state/task-id.ts";

/** What stops a job that is told to stop, as the end of a sentence; empty: it stops by itself. */
export function stoppingBecause(state: EngineState, job: Job, task?: number): string {
  const attempt = activeAttempts(job).find(
    ({ phase, task: own }) =>
      (phase === "stopping" || phase === "exited") && (task === undefined || own === task),
  );
  switch (attempt?.stopReason) {
    case undefined:
      return "";
    case "cancelled":
      return "it was cancelled";
    case "walltime":
      return "its walltime is over";
    case "node":
      return "a node of it does not answer";
    case "drain":
      return "a node of it is drained";
    case "preemption":
      return attempt.pausedFor === undefined
        ? forWhom(state, attempt)
        : pausedText(state, attempt, attempt.pausedFor);
  }
}

/** A pause, or fewer nodes, for a curtailment; the id is empty for what bounds must not exceed. */
function pausedText(state: EngineState, attempt: Attempt, curtailment: string): string {
  const by = curtailment === "" ? "a limit that is passed" : `curtailment "${curtailment}"`;
  const paused = state.curtailments.paused.get(taskIdOf(attempt));
  const { nodes } = attempt.placement;
  if (paused?.isGrowing === true) {
    const who = curtailment === "" ? "an emergency" : by;
    return `it gets nodes back that ${who} took, and goes on with ${paused.nodes.length} instead of ${nodes.length}`;
  }
  const isGoingOn = paused?.isShrinking === true && paused.isReturning;
  if (isGoingOn && paused.nodes.length === nodes.length) {
    return `${by} was to take nodes from it, and it goes on with all ${nodes.length}`;
  }
  return isGoingOn
    ? `${by} takes nodes from it, and it goes on with ${paused.nodes.length} of its ${nodes.length}`
    : `${by} pauses it`;
}

/** Its nodes are kept for whom it stops. */
function forWhom(state: EngineState, { placement }: Attempt): string {
  const site = state.sites.get(placement.site);
  const [kept] = placement.nodes.flatMap((node) => site?.reservationOfNode[node] ?? []);
  return kept === undefined
    ? "a job that goes before it needs its room"
    : `job ${kept.job} goes before it and needs its room`;
}
