import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { hasTask, taskCountOf } from "../../state/task-ranges.ts";
import { pausedBy } from "../jobs/paused-by.ts";
import { pausedTaskOf } from "../jobs/state-reason.ts";
import type { Answer } from "./explanation.ts";

/** Tasks of an array that are paused for the same. */
export interface PausedTasks {
  readonly tasks: readonly number[];
  /** Empty: lost or cut power. */
  readonly curtailment: string;
  /** When the last of them should work again. */
  readonly atMs: number;
  readonly isReturning: boolean;
}

/**
 * No placement pass takes who is paused, whatever room there is, and he and others that come back are not ahead of him.
 * Nor does anybody in the queue go before whom nothing else keeps.
 *
 * @param task the one of an array that is asked for
 */
export function explainPaused(state: EngineState, job: Job, answer: Answer, task?: number): Answer {
  const { paused } = state.curtailments;
  const one =
    task === undefined ? pausedTaskOf(state, job) : paused.get(taskIdOf({ job: job.number, task }));
  if (one === undefined) {
    return answer;
  }
  const curtailment = pausedBy(state, one);
  const isAlone =
    (task !== undefined || areAllPaused(job)) &&
    (answer.reason === "next-pass" || answer.paused !== undefined);
  const pausedUntil = { curtailment, atMs: one.untilMs, isReturning: one.isReturning, isAlone };
  const reason = curtailment === "" ? "power-limit" : "power-curtailment";
  return isAlone
    ? { ...answer, pausedUntil, reason, paused: undefined, ahead: undefined }
    : { ...answer, pausedUntil };
}

export function hasPausedTask(
  { curtailments }: EngineState,
  { number }: Job,
  task: number,
): boolean {
  return curtailments.paused.has(taskIdOf({ job: number, task }));
}

function areAllPaused({ pending, pausedTasks, returningTasks }: Job): boolean {
  const waiting = [...pausedTasks, ...returningTasks].filter((task) => hasTask(pending, task));
  return waiting.length === taskCountOf(pending);
}

/** Of an array; those that are not let back yet first. */
export function pausedTasksOf(state: EngineState, job: Job): readonly PausedTasks[] {
  const waiting = [...state.curtailments.paused.values()]
    .filter((one) => one.job === job.number && hasTask(job.pending, one.task))
    .map((one) => ({ ...one, by: pausedBy(state, one) }));
  const groups = Map.groupBy(job.spec.taskCount === 1 ? [] : waiting, ({ by, isReturning }) =>
    JSON.stringify([isReturning, by]),
  );
  return [...groups.values()]
    .flatMap((all): readonly PausedTasks[] => {
      const [first] = all;
      const atMs = Math.max(...all.map(({ untilMs }) => untilMs));
      const tasks = all.map(({ task }) => task);
      return first === undefined
        ? []
        : [{ tasks, curtailment: first.by, atMs, isReturning: first.isReturning }];
    })
    .toSorted((a, b) => Number(a.isReturning) - Number(b.isReturning));
}
