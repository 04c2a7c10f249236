import type { ShedJob, ShedProblem } from "./shed-problem.ts";

/**
 * What a plan has decided so far: who is shrunk, and who is paused in which part of the rest of the
 * event. The rest is cut into slots; a job's paused slots are one stretch, so it writes one
 * checkpoint and reads it once.
 */
export interface ShedDraft {
  readonly slotCount: number;
  /** Where each slot begins, and where the last one ends. */
  readonly slotStartsMs: Float64Array;
  /** Of a draft that is being chosen, whose slots are equal. */
  readonly slotMs: number;
  /** Part of its nodes that each job keeps. */
  readonly nodeShare: Float64Array;
  /** First paused slot of each job, and how many. */
  readonly pausedFrom: Int32Array;
  readonly pausedCount: Int32Array;
}

/** Equal slots, and nobody asked for anything. */
export function createDraft(problem: ShedProblem, slotCount: number): ShedDraft {
  const restMs = remainingMs(problem);
  return draftOf(problem, {
    slotMs: restMs / slotCount,
    // The last one ends with the event, to the millisecond.
    slotStartsMs: Float64Array.from(
      { length: slotCount + 1 },
      (_, at) => (at * restMs) / slotCount,
    ),
  });
}

/** Slots that begin and end at any moments. */
export function draftOf(
  problem: ShedProblem,
  { slotMs, slotStartsMs }: Pick<ShedDraft, "slotMs" | "slotStartsMs">,
): ShedDraft {
  const count = problem.jobs.length;
  return {
    slotCount: slotStartsMs.length - 1,
    slotStartsMs,
    slotMs,
    nodeShare: new Float64Array(count).fill(1),
    pausedFrom: new Int32Array(count),
    pausedCount: new Int32Array(count),
  };
}

export function copyOfDraft(draft: ShedDraft): ShedDraft {
  return {
    ...draft,
    nodeShare: draft.nodeShare.slice(),
    pausedFrom: draft.pausedFrom.slice(),
    pausedCount: draft.pausedCount.slice(),
  };
}

export function remainingMs(problem: ShedProblem): number {
  return Math.max(1, problem.eventMs - problem.elapsedMs);
}

export function isPausedIn(draft: ShedDraft, job: number, slot: number): boolean {
  const from = draft.pausedFrom[job] ?? 0;
  return slot >= from && slot < from + (draft.pausedCount[job] ?? 0);
}

/** How long it is paused in all. */
function pausedMs({ slotStartsMs, pausedFrom, pausedCount }: ShedDraft, job: number): number {
  const from = pausedFrom[job] ?? 0;
  const until = from + (pausedCount[job] ?? 0);
  return (slotStartsMs[until] ?? 0) - (slotStartsMs[from] ?? 0);
}

/**
 * Time without work beside the idle time itself: writing the checkpoint, reading it and what it is late. Who is paused now
 * and pauses again from a later slot on comes back before, and reads its checkpoint twice.
 */
export function pauseOverheadMs(job: ShedJob, fromSlot: number = 0): number {
  const returnMs = job.isPausedNow && fromSlot > 0 ? job.restoreMs : 0;
  return returnMs + pauseSaveMs(job, fromSlot) + job.restoreMs + (job.returnsLateMs ?? 0);
}

/** What stays paused has written its checkpoint. */
export function pauseSaveMs(job: ShedJob, fromSlot: number): number {
  return job.isPausedNow && fromSlot === 0 ? 0 : job.saveMs;
}

/** The same of who runs from now on: whoever is paused now reads its checkpoint first. */
export function returnPart(problem: ShedProblem, job: ShedJob): number {
  return job.isPausedNow ? Math.min(1, job.restoreMs / remainingMs(problem)) : 0;
}

/**
 * Part of the rest of the event in which a job does no work. Who shrinks writes a checkpoint, too, and
 * goes on from it on fewer nodes; who comes back reads its.
 */
export function pausedPart(problem: ShedProblem, draft: ShedDraft, job: number): number {
  const slots = draft.pausedCount[job] ?? 0;
  const one = problem.jobs[job];
  const isShrunk = (draft.nodeShare[job] ?? 1) < 1;
  if (one === undefined || (slots === 0 && !isShrunk)) {
    return one === undefined ? 0 : returnPart(problem, one);
  }
  const overheadMs = pauseOverheadMs(one, slots === 0 ? 0 : draft.pausedFrom[job]);
  return Math.min(1, (pausedMs(draft, job) + overheadMs) / remainingMs(problem));
}

/** The same with the nodes it gave back: part of its work that it does not do, whatever its cap. */
export function awayPart(problem: ShedProblem, draft: ShedDraft, job: number): number {
  return 1 - (draft.nodeShare[job] ?? 1) * (1 - pausedPart(problem, draft, job));
}
