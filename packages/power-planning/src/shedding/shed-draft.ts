import type { ShedProblem } from "./shed-problem.ts";

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
export function pausedMs(
  { slotStartsMs, pausedFrom, pausedCount }: ShedDraft,
  job: number,
): number {
  const from = pausedFrom[job] ?? 0;
  const until = from + (pausedCount[job] ?? 0);
  return (slotStartsMs[until] ?? 0) - (slotStartsMs[from] ?? 0);
}
