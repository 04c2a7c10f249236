import { instant, toNumber } from "@ertis/quantities";
import { recoveredAtMs } from "../recovery.ts";
import { beginsAtMs, type CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { jobOfTaskId, type TaskId, taskIdOf, taskOfTaskId } from "../../state/task-id.ts";
import type { AttemptKey } from "../../words/attempt.ts";
import { effectOf, isBelow, isHeldBy, isPausedBelow, lossMs, nodeCountBefore } from "./effects.ts";

/** From its end on a task that it holds back is followed until it is back at full speed. */
export function followAfter(state: EngineState, site: SiteState, record: CurtailmentRecord): void {
  for (const attempt of site.attempts) {
    const isHere = isHeldBy(site, record, attempt);
    if (isHere && attempt.phase !== "exited" && isSlower(record, attempt)) {
      const countedMs = lossMs(state, record, attempt, state.nowMs);
      record.followed.set(taskIdOf(attempt), { countedMs });
    }
  }
  for (const [id, paused] of state.curtailments.paused) {
    if (isPausedBelow(site, paused, record.curtailment)) {
      record.followed.set(id, { awayFromMs: state.nowMs });
    }
  }
}

function isSlower(record: CurtailmentRecord, attempt: Attempt): boolean {
  const nodeCount = attempt.placement.nodes.length;
  return attempt.capWatts !== 0 || nodeCountBefore(record, attempt, nodeCount) > nodeCount;
}

/** Counts what an attempt has lost since, before its speed changes or it ends; at full speed it is followed no more. */
export function countAfter(state: EngineState, attempt: Attempt): void {
  for (const record of followingRecords(state)) {
    const id = taskIdOf(attempt);
    if (record.followed.get(id)?.countedMs === undefined) {
      continue;
    }
    add(record, id, runningAfterMs(state, record, attempt));
    const countedMs = lossMs(state, record, attempt, state.nowMs);
    if (isSlower(record, attempt) && state.nowMs < lastMs(record)) {
      record.followed.set(id, { countedMs });
    } else {
      record.followed.delete(id);
    }
  }
}

/** An attempt stops, or ends: what is to go on with other nodes is followed until it does. */
export function stoppedAfter(state: EngineState, attempt: Attempt): void {
  for (const record of followingRecords(state)) {
    const id = taskIdOf(attempt);
    const isRunning = record.followed.get(id)?.countedMs !== undefined;
    if (isRunning && attempt.pausedFor !== undefined) {
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
    const away = awayAfterMs(state, record, id);
    if (away !== undefined) {
      add(record, id, away + restoreMs);
      record.followed.set(id, { countedMs: 0 });
    }
  }
}

/** What a task has lost since the end and is not counted yet. */
export function openAfterMs(state: EngineState, record: CurtailmentRecord, id: TaskId): number {
  const away = awayAfterMs(state, record, id);
  const attempt = state.jobs.get(jobOfTaskId(id))?.active?.get(taskOfTaskId(id));
  const isRunning = record.followed.get(id)?.countedMs !== undefined && attempt !== undefined;
  return away ?? (isRunning ? runningAfterMs(state, record, attempt) : 0);
}

/** Does a curtailment that is over still hold a task back? */
export function isHeldBack(state: EngineState, record: CurtailmentRecord, id: TaskId): boolean {
  const job = state.jobs.get(jobOfTaskId(id));
  const followed = record.followed.get(id);
  const isRunning = followed?.countedMs !== undefined;
  const attempt = job?.active?.get(taskOfTaskId(id));
  const isSlow = attempt !== undefined && isSlower(record, attempt) && state.nowMs < lastMs(record);
  return followed !== undefined && job?.finishedAtMs === undefined && (!isRunning || isSlow);
}

/** Undefined: it is not away. */
function awayAfterMs(
  state: EngineState,
  record: CurtailmentRecord,
  id: TaskId,
): number | undefined {
  const fromMs = record.followed.get(id)?.awayFromMs;
  const job = state.jobs.get(jobOfTaskId(id));
  const untilMs = Math.min(state.nowMs, job?.finishedAtMs ?? Infinity);
  return fromMs === undefined || job === undefined ? undefined : Math.max(0, untilMs - fromMs);
}

function runningAfterMs(state: EngineState, record: CurtailmentRecord, attempt: Attempt): number {
  const countedMs = record.followed.get(taskIdOf(attempt))?.countedMs ?? 0;
  const untilMs = Math.max(
    attempt.workAtMs,
    Math.min(state.nowMs, lastMs(record), nextBeginMs(state, record, attempt)),
  );
  return Math.max(0, lossMs(state, record, attempt, untilMs) - countedMs);
}

/** What holds caps down for longer is something else. */
function lastMs({ curtailment, cancelled, fallMs }: CurtailmentRecord): number {
  const end = instant(cancelled?.atMs ?? toNumber(curtailment.end));
  return recoveredAtMs({ ...curtailment, end }) + fallMs;
}

/** From then on another curtailment has it, which counts for itself. */
function nextBeginMs(
  state: EngineState,
  { curtailment: { id, site } }: CurtailmentRecord,
  attempt: Attempt,
): number {
  const here = state.sites.get(site);
  const begins = [...state.curtailments.records.values()]
    .filter(
      ({ isOver, curtailment: other }) =>
        !isOver &&
        other.id !== id &&
        here !== undefined &&
        other.site === site &&
        isBelow(here, attempt.placement.nodes, other.domain),
    )
    .map(beginsAtMs);
  return Math.min(Infinity, ...begins);
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

function add(record: CurtailmentRecord, id: TaskId, ms: number): void {
  if (ms > 0) {
    const effect = effectOf(record, id);
    effect.afterMs = (effect.afterMs ?? 0) + ms;
  }
}
