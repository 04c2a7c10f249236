import { pausedSlotsMax } from "./allowances.ts";
import type { ChosenPlan } from "./choose-plan.ts";
import { settleCaps } from "./settle-caps.ts";
import { startDraft, staysPaused } from "./planned-pauses.ts";
import { copyOfDraft, type ShedDraft } from "./shed-draft.ts";
import type { ShedProblem } from "./shed-problem.ts";

/** Up to so many jobs, every combination of stretches is tried; above, one job's stretch at a time. */
const combinedJobsMax = 3;
/** Cuts of the rest of the event in which stretches are looked for. */
const slotCounts = [3, 4];
const roundsMax = 3;

interface Slots {
  readonly from: number;
  readonly count: number;
}

/**
 * With few jobs the price that the choice went by is coarse: a large job is dear to pause and still may
 * be the one. Tries other stretches of pauses and keeps what leaves more weighted speed.
 */
export function improvePauses(
  problem: ShedProblem,
  roomScaled: Float64Array,
  start: ChosenPlan | undefined,
): ChosenPlan | undefined {
  const jobs = problem.jobs.flatMap((job, index) =>
    job.isProtected || !job.canPause || staysPaused(problem, job) ? [] : [index],
  );
  let best = start;
  const keepBetter = (draft: ShedDraft): void => {
    const settled = settleCaps(problem, draft, roomScaled);
    if (settled.kind === "settled" && settled.weightedSpeed > (best?.settled.weightedSpeed ?? -1)) {
      best = { kind: "chosen", draft: copyOfDraft(draft), settled };
    }
  };
  if (jobs.length <= combinedJobsMax) {
    for (const slotCount of slotCounts) {
      tryAll(problem, startDraft(problem, slotCount), jobs, keepBetter);
    }
    return best;
  }
  // Each round starts from the last one's best; a few are enough.
  for (let round = 0; round < roundsMax; round += 1) {
    const { draft } = best ?? { draft: startDraft(problem, 4) };
    for (const job of jobs) {
      tryAll(problem, copyOfDraft(draft), [job], keepBetter);
    }
  }
  return best;
}

/** Every combination of stretches of the jobs given, the others as they are. */
function tryAll(
  problem: ShedProblem,
  draft: ShedDraft,
  jobs: readonly number[],
  look: (draft: ShedDraft) => void,
): void {
  const [job, ...others] = jobs;
  if (job === undefined) {
    look(draft);
    return;
  }
  for (const { from, count } of stretches(problem, draft, job)) {
    draft.pausedFrom[job] = from;
    draft.pausedCount[job] = count;
    tryAll(problem, draft, others, look);
  }
}

function stretches(problem: ShedProblem, draft: ShedDraft, index: number): readonly Slots[] {
  const job = problem.jobs[index];
  const most = Array.from({ length: draft.slotCount }, (_, fromSlot) =>
    job === undefined ? 0 : pausedSlotsMax(problem, draft, job, { fromSlot }),
  );
  const found: Slots[] = [{ from: 0, count: 0 }];
  for (let count = 1; count <= draft.slotCount; count += 1) {
    for (let from = 0; from + count <= draft.slotCount; from += 1) {
      if (count <= (most[from] ?? 0)) {
        found.push({ from, count });
      }
    }
  }
  return found;
}
