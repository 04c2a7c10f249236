import { toNumber } from "@ertis/quantities";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { hasTask, taskCountOf } from "../../state/task-ranges.ts";
import { pausedBy } from "../jobs/paused-by.ts";
import { pausedTaskOf } from "../jobs/state-reason.ts";
import type { Answer, Explanation, ExplanationReason } from "./explanation.ts";

/** Tasks of an array that are paused for the same. */
export interface PausedTasks {
  readonly tasks: readonly number[];
  /** Empty: lost or cut power. */
  readonly curtailment: string;
  /** When the last of them should work again. */
  readonly atMs: number;
  readonly isReturning: boolean;
}

/** What a pass would wait for beside the pause, which takes the watts: none of it keeps who is paused any longer. */
const ofWatts: ReadonlySet<ExplanationReason> = new Set<ExplanationReason>([
  "next-pass",
  "behind-others",
  "future-window",
  "power-budget",
  "power-curtailment",
  "power-limit",
]);

/**
 * No placement pass takes who is paused, whatever room there is, and he and others that come back are not ahead of him.
 * Nor does anybody in the queue go before whom nothing else keeps. Until he may come back the end of his pause is all that
 * is told of when he goes on: times and changes with which a newcomer would start are not his.
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
  const isWhole = task !== undefined || areAllPaused(job);
  const curtailment = pausedBy(state, one);
  const isAlone = isWhole && (answer.reason === "next-pass" || answer.paused !== undefined);
  const pausedUntil: NonNullable<Explanation["pausedUntil"]> = {
    curtailment,
    atMs: one.untilMs,
    isReturning: one.isReturning,
    isAlone: isAlone || (isWhole && !one.isReturning && ofWatts.has(answer.reason)),
    isAfterEnd: isAfterEnd(state, curtailment, one.untilMs),
  };
  const reason = curtailment === "" ? "power-limit" : "power-curtailment";
  if (!pausedUntil.isAlone) {
    return { ...answer, pausedUntil };
  }
  return one.isReturning
    ? { ...answer, pausedUntil, reason, paused: undefined, ahead: undefined }
    : { reason, pausedUntil };
}

function isAfterEnd({ curtailments }: EngineState, id: string, atMs: number): boolean {
  const record = curtailments.records.get(id);
  return record !== undefined && atMs >= toNumber(record.curtailment.end);
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
