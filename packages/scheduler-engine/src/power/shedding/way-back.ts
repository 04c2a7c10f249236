import { instant, toNumber } from "@ertis/quantities";
import { recoveredAtMs } from "../recovery.ts";
import { beginsAtMs, type CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt, Job } from "../../state/job.ts";
import { jobOfTaskId, type TaskId, taskIdOf, taskOfTaskId } from "../../state/task-id.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { givesUp, isBelow, lossMs, nodeCountBefore } from "./effects.ts";

/** What a task has lost on the way back from a curtailment that is over, since it was counted last. */
export interface WayBack {
  readonly lostMs: number;
  /** By curtailments that are on and count it as what is lost for others: so much of it in their time. */
  readonly beside: ReadonlyMap<CurtailmentRecord, number>;
  /** Another one has it by now. */
  readonly isTaken: boolean;
  /** It runs on fewer nodes for it and is its own until it has them again, however long that takes. */
  readonly isKept: boolean;
}

/**
 * Where others are on over the task by then, each loss is counted once: one that gave its floor up has it until it starts
 * again and runs at its floor, below which the others would not have put it, and tells them so. Of any other they have it
 * as soon as they begin, since they may ask for that anyhow. Undefined: it is not followed.
 */
export function wayBackOf(
  state: EngineState,
  record: CurtailmentRecord,
  id: TaskId,
  restoreMs: number = 0,
): WayBack | undefined {
  const { awayFromMs, countedMs } = record.followed.get(id) ?? {};
  const job = state.jobs.get(jobOfTaskId(id));
  const attempt = job?.active?.get(taskOfTaskId(id));
  if (job !== undefined && awayFromMs !== undefined) {
    return whileAway({ state, record, job }, id, { fromMs: awayFromMs, restoreMs });
  }
  return attempt === undefined || job === undefined || countedMs === undefined
    ? undefined
    : whileRunning({ state, record, job }, attempt, countedMs);
}

interface Followed {
  readonly state: EngineState;
  readonly record: CurtailmentRecord;
  readonly job: Job;
}

function whileAway(
  { state, record, job }: Followed,
  id: TaskId,
  { fromMs, restoreMs }: { readonly fromMs: number; readonly restoreMs: number },
): WayBack {
  const isOwn = givesUp(record, job.spec);
  // Who is not paused any more and waits in the queue costs no other one anything.
  const others = othersOver(state, record, state.curtailments.paused.get(id)?.nodes ?? []);
  const begins = (other: CurtailmentRecord): number => toNumber(other.curtailment.start);
  const takenAtMs = takenAt(isOwn, job, others, begins);
  const isTaken = takenAtMs <= state.nowMs;
  const backAtMs = Math.min(state.nowMs + restoreMs, job.finishedAtMs ?? Infinity);
  const untilMs = isTaken ? Math.min(takenAtMs, backAtMs) : backAtMs;
  const lostIn = (beginMs: number, endMs: number): number =>
    Math.max(0, Math.min(untilMs, endMs) - Math.max(fromMs, beginMs));
  const beside = besides({ state, record, job }, isOwn ? others : [], { begins, lostIn });
  return { lostMs: lostIn(fromMs, untilMs), beside, isTaken, isKept: false };
}

function whileRunning(
  { state, record, job }: Followed,
  attempt: Attempt,
  countedMs: number,
): WayBack {
  const isOnFewer = isFewer(record, attempt) && !isShrunkForAnother(state, record, attempt);
  const isBelowFloor = attempt.capWatts !== 0 && attempt.capWatts < attempt.floorCapWatts;
  const isOwn = givesUp(record, job.spec) && (isOnFewer || isBelowFloor);
  const others = othersOver(state, record, attempt.placement.nodes);
  const takenAtMs = takenAt(isOwn, job, others, beginsAtMs);
  const isKept = isOwn && isOnFewer && others.length > 0;
  // Nodes that are missing since before another one began are no loss to it.
  const nodeCount = attempt.placement.nodes.length;
  const isLostTo = (other: CurtailmentRecord): boolean =>
    nodeCountBefore(other, attempt, nodeCount) >= nodeCountBefore(record, attempt, nodeCount);
  const latestMs = Math.min(state.nowMs, takenAtMs, isKept ? Infinity : lastMs(record));
  const untilMs = Math.max(attempt.workAtMs, latestMs);
  const lossAt = (atMs: number): number => lossMs(state, record, attempt, atMs);
  const lostIn = (beginMs: number, endMs: number): number => {
    const before = Math.max(countedMs, lossAt(Math.max(attempt.workAtMs, beginMs)));
    return Math.max(0, lossAt(Math.min(untilMs, endMs)) - before);
  };
  return {
    lostMs: Math.max(0, lossAt(untilMs) - countedMs),
    beside: besides({ state, record, job }, isOwn ? others.filter(isLostTo) : [], {
      begins: beginsAtMs,
      lostIn,
    }),
    isTaken: takenAtMs <= state.nowMs,
    isKept,
  };
}

/** From then on another one has it. */
function takenAt(
  isOwn: boolean,
  job: Job,
  others: readonly CurtailmentRecord[],
  begins: (other: CurtailmentRecord) => number,
): number {
  const takers = isOwn ? others.filter((other) => givesUp(other, job.spec)) : others;
  return Math.min(Infinity, ...takers.map(begins));
}

/** What counts for the one that is over, by the others in whose time it is lost. */
function besides(
  { state, job }: Followed,
  others: readonly CurtailmentRecord[],
  {
    begins,
    lostIn,
  }: {
    readonly begins: (other: CurtailmentRecord) => number;
    readonly lostIn: (beginMs: number, endMs: number) => number;
  },
): ReadonlyMap<CurtailmentRecord, number> {
  return new Map(
    others
      .filter((other) => !givesUp(other, job.spec) && beginsAtMs(other) <= state.nowMs)
      .map((other) => [other, lostIn(begins(other), toNumber(other.curtailment.end))] as const)
      .filter(([, ms]) => ms > 0),
  );
}

/** Others that are on, or announced, over these nodes. */
function othersOver(
  { sites, curtailments }: EngineState,
  { curtailment: { id, site } }: CurtailmentRecord,
  nodes: readonly number[],
): readonly CurtailmentRecord[] {
  const here = sites.get(site);
  return [...curtailments.records.values()].filter(
    ({ isOver, curtailment: other }) =>
      !isOver &&
      other.id !== id &&
      here !== undefined &&
      other.site === site &&
      isBelow(here, nodes, other.domain),
  );
}

/** Does a planned one that is still on keep a task away, or on fewer nodes, rather than this one? */
export function isForAnother(
  { curtailments }: EngineState,
  { curtailment: { id } }: CurtailmentRecord,
  named: string | undefined,
): boolean {
  return named !== undefined && named !== id && curtailments.records.get(named)?.isOver === false;
}

function isShrunkForAnother(
  state: EngineState,
  record: CurtailmentRecord,
  key: { readonly job: JobNumber; readonly task: number },
): boolean {
  return isForAnother(state, record, state.curtailments.shrunk.get(taskIdOf(key))?.curtailment);
}

export function isSlower(record: CurtailmentRecord, attempt: Attempt): boolean {
  return attempt.capWatts !== 0 || isFewer(record, attempt);
}

function isFewer(record: CurtailmentRecord, attempt: Attempt): boolean {
  const nodeCount = attempt.placement.nodes.length;
  return nodeCountBefore(record, attempt, nodeCount) > nodeCount;
}

/** What holds caps down for longer is something else. */
export function lastMs({ curtailment, cancelled, fallMs }: CurtailmentRecord): number {
  const end = instant(cancelled?.atMs ?? toNumber(curtailment.end));
  return recoveredAtMs({ ...curtailment, end }) + fallMs;
}
