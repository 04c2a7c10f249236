import { type AtWork, pauseOverheadMs, restoreMsOf } from "./at-work.ts";
import { lowestCapFor } from "../curves/read-curve.ts";
import { remainingMs, type ShedDraft } from "./shed-draft.ts";
import type { LongerEvent, ShedJob, ShedProblem } from "./shed-problem.ts";

/**
 * What a job may still lose, as a part of full throughput over the rest of the event. Its tier is an
 * average over the whole event: who lost little so far may lose more now.
 */
function lossLeft(problem: ShedProblem, job: ShedJob): number {
  if (problem.floors === "given-up" && !job.isProtected) {
    return 1;
  }
  const { eventMs } = problem;
  return lossLeftTo(job, { eventMs, restMs: remainingMs(problem), lossMsSoFar: job.lossMsSoFar });
}

function lossLeftTo(
  { tierLossMax }: ShedJob,
  { eventMs, restMs, lossMsSoFar }: LongerEvent,
): number {
  return Math.min(1, Math.max(0, (tierLossMax * eventMs - lossMsSoFar) / restMs));
}

/** The lowest cap at which a job that is at work for so much of the rest of the event loses no more than its tier allows. */
export function lowestCap(
  problem: ShedProblem,
  job: ShedJob,
  { workPart, restorePart }: AtWork = alwaysAtWork,
): number {
  if (job.isProtected) {
    return job.floorCapWatts;
  }
  if (problem.floors === "given-up") {
    return job.curve.points[0]?.capWatts ?? job.floorCapWatts;
  }
  const left = lossLeft(problem, job);
  if (workPart === 1 && restorePart === 0 && left >= job.tierLossMax) {
    return job.floorCapWatts;
  }
  const speedMin = workPart <= 0 ? 1 : Math.min(1, (1 - left + restorePart) / workPart);
  return Math.max(job.floorCapWatts, lowestCapFor(job.curve, speedMin));
}

const alwaysAtWork: AtWork = { workPart: 1, restorePart: 0 };

/**
 * In how many slots from one on a job may be paused before its tier's allowance is used up, when it runs at `speed`
 * in the others.
 */
export function pausedSlotsMax(
  problem: ShedProblem,
  draft: ShedDraft,
  job: ShedJob,
  { speed = 1, fromSlot = 0 }: { readonly speed?: number; readonly fromSlot?: number } = {},
): number {
  if (job.isProtected || !job.canPause) {
    return 0;
  }
  const left = lossLeft(problem, job);
  if (left >= 1) {
    return draft.slotCount;
  }
  const restMs = remainingMs(problem);
  const workMs = ((1 - left) * restMs + restoreMsOf(job, fromSlot)) / speed;
  const idleMs = restMs - workMs - pauseOverheadMs(job, fromSlot);
  // A hair of rounding must not cost a whole slot.
  return Math.max(0, Math.min(draft.slotCount, Math.floor(idleMs / draft.slotMs + 1e-9)));
}

/**
 * The fewest nodes a job may shrink to, by its own minimum and by its tier, when it runs at full power on
 * them: shrinking costs the time of a checkpoint, too.
 */
export function fewestNodes(problem: ShedProblem, job: ShedJob): number {
  if (job.isProtected || job.nodeCountMin >= job.nodeCount) {
    return job.nodeCount;
  }
  const share = Math.max(
    shareKept(job, lossLeft(problem, job), remainingMs(problem)),
    ...longerOf(problem, job).map((one) => shareKept(job, lossLeftTo(job, one), one.restMs)),
  );
  const byTier = Math.ceil(job.nodeCount * share - 1e-9);
  return Math.min(job.nodeCount, Math.max(1, job.nodeCountMin, byTier));
}

/** Who gives nodes back has them again only when the last one is over, so that each of them counts it to its end. */
function longerOf(problem: ShedProblem, job: ShedJob): readonly LongerEvent[] {
  return problem.floors === "given-up" ? [] : (job.longer ?? []);
}

/** The part of its nodes that a job has to keep when it may lose a part of the time to come. */
function shareKept(job: ShedJob, left: number, restMs: number): number {
  if (left >= 1) {
    return 0;
  }
  const workingMs = restMs - pauseOverheadMs(job);
  return workingMs <= 0 ? 1 : Math.min(1, ((1 - left) * restMs + restoreMsOf(job)) / workingMs);
}
