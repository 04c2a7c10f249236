import { pausedMs, remainingMs, type ShedDraft } from "./shed-draft.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";

/**
 * Time without work beside the idle time itself: writing the checkpoint and what the return is late. Reading it is work, at
 * the speed of a cap (`restoreMsOf`).
 */
export function pauseOverheadMs(job: ShedJob, fromSlot: number = 0): number {
  return pauseSaveMs(job, fromSlot) + (job.returnsLateMs ?? 0);
}

/** What stays paused has written its checkpoint. */
export function pauseSaveMs(job: ShedJob, fromSlot: number): number {
  return job.isPausedNow && fromSlot === 0 ? 0 : job.saveMs;
}

/** Who is paused now and pauses again from a later slot on comes back before, and reads its checkpoint twice. */
export function restoreMsOf(job: ShedJob, fromSlot: number = 0): number {
  return job.isPausedNow && fromSlot > 0 ? 2 * job.restoreMs : job.restoreMs;
}

/** What a job does of the rest of the event: at a speed it keeps `speed * workPart - restorePart` of its own work. */
export interface AtWork {
  /** It runs for this part, on the part of its nodes that it keeps. */
  readonly workPart: number;
  /** As long as that takes at full speed its checkpoint is read meanwhile. */
  readonly restorePart: number;
}

export function keptPart({ workPart, restorePart }: AtWork, speed: number): number {
  return Math.max(0, speed * workPart - restorePart);
}

/** Who runs from now on: whoever is paused now reads its checkpoint first. */
export function atWorkFromNow(problem: ShedProblem, job: ShedJob): AtWork {
  return { workPart: 1, restorePart: job.isPausedNow ? partOf(problem, job.restoreMs) : 0 };
}

/** As a draft has it. Who shrinks writes a checkpoint, too, and goes on from it on fewer nodes; who comes back reads its. */
export function atWork(problem: ShedProblem, draft: ShedDraft, index: number): AtWork {
  const slots = draft.pausedCount[index] ?? 0;
  const share = draft.nodeShare[index] ?? 1;
  const job = problem.jobs[index];
  if (job === undefined) {
    return { workPart: 1, restorePart: 0 };
  }
  if (slots === 0 && share >= 1) {
    return atWorkFromNow(problem, job);
  }
  const fromSlot = slots === 0 ? 0 : draft.pausedFrom[index];
  const awayMs = pausedMs(draft, index) + pauseOverheadMs(job, fromSlot);
  return {
    workPart: share * (1 - partOf(problem, awayMs)),
    restorePart: partOf(problem, restoreMsOf(job, fromSlot)),
  };
}

function partOf(problem: ShedProblem, ms: number): number {
  return Math.min(1, ms / remainingMs(problem));
}
