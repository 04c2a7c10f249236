import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { hasTask, taskCountOf } from "../../state/task-ranges.ts";
import { pausedTaskOf } from "../jobs/state-reason.ts";
import type { Answer } from "./explanation.ts";

/** No placement pass takes who is paused, whatever room there is, and he and others that come back are not ahead of him. */
export function explainPaused(state: EngineState, job: Job, answer: Answer): Answer {
  const one = pausedTaskOf(state, job);
  if (one === undefined) {
    return answer;
  }
  const before = job.history.findLast(({ task }) => task === one.task);
  const curtailment = one.curtailment ?? before?.pausedFor ?? "";
  const isAlone =
    areAllPaused(job) && (answer.reason === "next-pass" || answer.paused !== undefined);
  const pausedUntil = { curtailment, atMs: one.untilMs, isReturning: one.isReturning, isAlone };
  const reason = curtailment === "" ? "power-limit" : "power-curtailment";
  return isAlone
    ? { ...answer, pausedUntil, reason, paused: undefined }
    : { ...answer, pausedUntil };
}

function areAllPaused({ pending, pausedTasks, returningTasks }: Job): boolean {
  const waiting = [...pausedTasks, ...returningTasks].filter((task) => hasTask(pending, task));
  return waiting.length === taskCountOf(pending);
}
