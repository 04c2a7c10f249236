import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { jobOfTaskId, type TaskId, taskIdOf, taskOfTaskId } from "../../state/task-id.ts";
import type { AttemptKey } from "../../words/attempt.ts";
import { effectOf, isHeldBy, isPausedBelow, lossMs } from "./effects.ts";
import { isForAnother, isSlower, lastMs, type WayBack, wayBackOf } from "./way-back.ts";

/**
 * From its end on a task that it holds back is followed until it is back at full speed, or until another curtailment has
 * it (see `wayBackOf`). What others that are over hold back is followed by them, or from now on by this one.
 */
export function followAfter(state: EngineState, site: SiteState, record: CurtailmentRecord): void {
  const others = [...followingRecords(state)].filter((other) => other !== record);
  for (const other of others) {
    for (const id of other.followed.keys()) {
      goOn(state, other, id);
    }
  }
  const isElsewhere = (id: TaskId): boolean => others.some((other) => other.followed.has(id));
  for (const attempt of site.attempts) {
    const id = taskIdOf(attempt);
    const isHere = isHeldBy(site, record, attempt) && !isElsewhere(id);
    if (isHere && attempt.phase !== "exited" && isSlower(record, attempt)) {
      record.followed.set(id, { countedMs: lossMs(state, record, attempt, state.nowMs) });
    }
  }
  for (const [id, paused] of state.curtailments.paused) {
    const isHere = isPausedBelow(site, paused, record.curtailment) && !isElsewhere(id);
    if (isHere && !isForAnother(state, record, paused.curtailment)) {
      record.followed.set(id, { awayFromMs: state.nowMs });
    }
  }
  for (const id of record.followed.keys()) {
    goOn(state, record, id);
  }
}

/** Counts what an attempt has lost since, before its speed changes or it ends; at full speed it is followed no more. */
export function countAfter(state: EngineState, attempt: Attempt): void {
  for (const record of followingRecords(state)) {
    const id = taskIdOf(attempt);
    if (record.followed.get(id)?.countedMs !== undefined) {
      goOn(state, record, id);
    }
  }
}

/** An attempt stops, or ends: what is to go on with other nodes is followed until it does. */
export function stoppedAfter(state: EngineState, attempt: Attempt): void {
  for (const record of followingRecords(state)) {
    const id = taskIdOf(attempt);
    const isRunning = record.followed.get(id)?.countedMs !== undefined;
    const { pausedFor } = attempt;
    if (isRunning && pausedFor !== undefined && !isForAnother(state, record, pausedFor)) {
      record.followed.set(id, { awayFromMs: state.nowMs });
    } else if (isRunning) {
      record.followed.delete(id);
    }
  }
}

/** A task starts again, and reads its checkpoint back first. */
export function startedAfter(state: EngineState, key: AttemptKey, restoreMs: number): void {
  for (const record of followingRecords(state)) {
    const id = taskIdOf(key);
    if (record.followed.get(id)?.awayFromMs !== undefined) {
      const { isTaken } = count(state, record, id, restoreMs) ?? {};
      if (isTaken === true) {
        record.followed.delete(id);
      } else {
        record.followed.set(id, { countedMs: 0 });
      }
    }
  }
}

/** Nothing pauses a task any more that does not run yet: what it has lost in the time of others is counted up to here. */
export function pauseOverAfter(state: EngineState, id: TaskId): void {
  for (const record of followingRecords(state)) {
    if (record.followed.get(id)?.awayFromMs !== undefined) {
      goOn(state, record, id);
    }
  }
}

/** Another curtailment that is on keeps a task away from now on. */
export function pausedAfter(state: EngineState, id: TaskId, curtailment: string | undefined): void {
  for (const record of followingRecords(state)) {
    if (record.followed.has(id) && isForAnother(state, record, curtailment)) {
      count(state, record, id);
      record.followed.delete(id);
    }
  }
}

/** What a task has lost since the end and is not counted yet. */
export function openAfterMs(state: EngineState, record: CurtailmentRecord, id: TaskId): number {
  return wayBackOf(state, record, id)?.lostMs ?? 0;
}

/** What others that are over and gave its floor up have cost a task in the time of one that is on, and is not counted yet. */
export function openForOthersAfterMs(
  state: EngineState,
  record: CurtailmentRecord,
  id: TaskId,
): number {
  let sumMs = 0;
  for (const over of followingRecords(state)) {
    sumMs += wayBackOf(state, over, id)?.beside.get(record) ?? 0;
  }
  return sumMs;
}

/** Does a curtailment that is over still hold a task back? */
export function isHeldBack(state: EngineState, record: CurtailmentRecord, id: TaskId): boolean {
  const job = state.jobs.get(jobOfTaskId(id));
  const back = wayBackOf(state, record, id);
  return job?.finishedAtMs === undefined && back !== undefined && goesOn(state, record, id, back);
}

function goesOn(
  state: EngineState,
  record: CurtailmentRecord,
  id: TaskId,
  { isTaken, isKept }: WayBack,
): boolean {
  const attempt = attemptOf(state, id);
  const isAway = record.followed.get(id)?.awayFromMs !== undefined;
  const isSlow =
    attempt !== undefined && isSlower(record, attempt) && (isKept || state.nowMs < lastMs(record));
  return !isTaken && (isAway || isSlow);
}

/** Counts up to now, and follows a task further where it is not back. */
function goOn(state: EngineState, record: CurtailmentRecord, id: TaskId): void {
  const back = count(state, record, id);
  const attempt = attemptOf(state, id);
  if (back === undefined) {
    return;
  }
  if (!goesOn(state, record, id, back)) {
    record.followed.delete(id);
  } else if (record.followed.get(id)?.awayFromMs !== undefined) {
    record.followed.set(id, { awayFromMs: state.nowMs });
  } else if (attempt !== undefined) {
    record.followed.set(id, { countedMs: lossMs(state, record, attempt, state.nowMs) });
  }
}

/** Counts it for the one that is over, and for those in whose time it is as what counts for others. */
function count(
  state: EngineState,
  record: CurtailmentRecord,
  id: TaskId,
  restoreMs: number = 0,
): WayBack | undefined {
  const back = wayBackOf(state, record, id, restoreMs);
  if (back !== undefined && back.lostMs > 0) {
    const effect = effectOf(record, id);
    effect.afterMs = (effect.afterMs ?? 0) + back.lostMs;
  }
  for (const [other, ms] of back?.beside ?? []) {
    const effect = effectOf(other, id);
    effect.forOthersAfterMs = (effect.forOthersAfterMs ?? 0) + ms;
  }
  return back;
}

function attemptOf(state: EngineState, id: TaskId): Attempt | undefined {
  return state.jobs.get(jobOfTaskId(id))?.active?.get(taskOfTaskId(id));
}

function* followingRecords({
  curtailments,
}: EngineState): Generator<CurtailmentRecord, void, void> {
  for (const record of curtailments.records.values()) {
    if (record.followed.size > 0) {
      yield record;
    }
  }
}
