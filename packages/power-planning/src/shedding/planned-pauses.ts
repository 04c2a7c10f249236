import { pausedSlotsMax } from "./allowances.ts";
import { createDraft, draftOf, remainingMs, type ShedDraft } from "./shed-draft.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";

/** Between the checkpoint and its reading back, counted from now. */
interface IdleStretch {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Is it paused now for the rest of a stretch that an earlier plan has for it? Then nobody else pauses in its place. */
export function staysPaused(problem: ShedProblem, job: ShedJob): boolean {
  return job.isPausedNow && idleStretch(problem, job) !== undefined;
}

/** What a choice begins with: who is paused now stays so, as long as was planned and its tier allows. */
export function startDraft(problem: ShedProblem, slotCount: number): ShedDraft {
  const draft = createDraft(problem, slotCount);
  problem.jobs.forEach((job, index) => {
    const stretch = job.isPausedNow ? idleStretch(problem, job) : undefined;
    if (stretch !== undefined) {
      const wanted = Math.max(1, Math.round(stretch.untilMs / draft.slotMs));
      draft.pausedCount[index] = Math.min(wanted, pausedSlotsMax(problem, draft, job));
    }
  });
  return draft;
}

/** The stretches of an earlier plan as they are, in slots that begin and end with them. */
export function plannedDraft(problem: ShedProblem): ShedDraft {
  const stretches = problem.jobs.map((job) => idleStretch(problem, job));
  const moments = new Set([0, remainingMs(problem)]);
  for (const stretch of stretches) {
    if (stretch !== undefined) {
      moments.add(stretch.fromMs).add(stretch.untilMs);
    }
  }
  const slotStartsMs = Float64Array.from(moments).toSorted();
  const draft = draftOf(problem, { slotMs: 0, slotStartsMs });
  stretches.forEach((stretch, index) => {
    if (stretch !== undefined) {
      const from = slotStartsMs.indexOf(stretch.fromMs);
      draft.pausedFrom[index] = from;
      draft.pausedCount[index] = slotStartsMs.indexOf(stretch.untilMs) - from;
    }
  });
  return draft;
}

/** Undefined: nothing was planned for it, or that is over. */
function idleStretch(problem: ShedProblem, job: ShedJob): IdleStretch | undefined {
  const planned = job.pausePlanned;
  if (planned === undefined || job.isProtected || !job.canPause) {
    return undefined;
  }
  const fromMs = job.isPausedNow ? 0 : Math.max(0, planned.fromMs + job.saveMs);
  const untilMs = Math.min(remainingMs(problem), planned.untilMs - job.restoreMs);
  return untilMs > fromMs ? { fromMs, untilMs } : undefined;
}
