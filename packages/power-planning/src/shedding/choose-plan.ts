import { chooseSteps } from "./choose-steps.ts";
import { improvePauses } from "./improve-pauses.ts";
import { improveShrinks } from "./improve-shrinks.ts";
import { addNode } from "./loads.ts";
import { manyJobs } from "./many-jobs.ts";
import { withPlannedNodes } from "./planned-nodes.ts";
import { plannedDraft, staysPaused } from "./planned-pauses.ts";
import { relievePauses } from "./relieve-pauses.ts";
import { settleCaps, type SettledCaps } from "./settle-caps.ts";
import type { ShedDraft } from "./shed-draft.ts";
import type { IdleNode, ShedJob, ShedProblem } from "./shed-problem.ts";

export interface ChosenPlan {
  readonly kind: "chosen";
  readonly draft: ShedDraft;
  readonly settled: SettledCaps;
}

/** Every choice breaks a floor; `domain` is where the last one did. What is missing there only `refuse.ts` tells. */
export interface PlanDoesNotFit {
  readonly kind: "floors-do-not-fit";
  readonly domain: number;
}

/** Into how many slots the rest of the event may be cut: with more, pauses follow each other closer. */
const slotCounts = [1, 2, 3, 4, 6, 8];
/** With many jobs the pauses of one cut are as good as those of another, and time is short. */
const slotCountOfMany = 6;
/** Up to so many jobs that may pause, every set of them is tried. */
const triedJobsMax = 6;

/** The best of several choices, as `settleCaps` finds them; no choice is kept that breaks a floor. */
export function choosePlan(
  problem: ShedProblem,
  idleOn: readonly IdleNode[],
): ChosenPlan | PlanDoesNotFit {
  const roomScaled = roomBeside(problem, idleOn);
  const cut = bestCut(problem, roomScaled);
  const paused = cut.isUntouched ? cut.best : improve(problem, roomScaled, cut.best);
  const best = improveFew(problem, roomScaled, paused);
  if (best === undefined) {
    return { kind: "floors-do-not-fit", domain: cut.refusedAt };
  }
  return problem.jobs.length > manyJobs ? best : relievePauses(problem, roomScaled, best);
}

interface Cut {
  /** Undefined: with every one of them a floor is broken. */
  readonly best: ChosenPlan | undefined;
  /** The domain at which the last of them broke one. */
  readonly refusedAt: number;
  /** Caps alone are enough, so that no other pause could be better. */
  readonly isUntouched: boolean;
}

/** Every set of jobs to spare, with every number of slots that the rest of the event may be cut into. */
function bestCut(problem: ShedProblem, roomScaled: Float64Array): Cut {
  let best: ChosenPlan | undefined;
  let refusedAt = 0;
  for (const spared of sparedSets(problem)) {
    for (const slotCount of slotCountsFor(problem, spared)) {
      const draft = chooseSteps(problem, roomScaled, { slotCount, spared, isQuick: false });
      const settled = settleCaps(problem, draft, roomScaled);
      if (settled.kind === "floors-do-not-fit") {
        refusedAt = settled.domain;
        continue;
      }
      if (best === undefined || settled.weightedSpeed > best.settled.weightedSpeed) {
        best = { kind: "chosen", draft, settled };
      }
      const isAnyPaused = draft.pausedCount.some((count) => count > 0);
      if (!isAnyPaused && spared.size === 0 && draft.nodeShare.every((one) => one === 1)) {
        return { best, refusedAt, isUntouched: true };
      }
      if (!isAnyPaused) {
        // Slots only tell when who pauses: no other number of them changes anything.
        break;
      }
    }
  }
  return { best, refusedAt, isUntouched: false };
}

/** Where few jobs may pause, other stretches of their pauses, too. */
function improve(
  problem: ShedProblem,
  roomScaled: Float64Array,
  best: ChosenPlan | undefined,
): ChosenPlan | undefined {
  const count = movable(problem).length;
  return count > 0 && count <= triedJobsMax ? improvePauses(problem, roomScaled, best) : best;
}

/** Where few jobs may shrink, other numbers of nodes that they keep, too: also beside caps that are enough alone. */
function improveFew(
  problem: ShedProblem,
  roomScaled: Float64Array,
  best: ChosenPlan | undefined,
): ChosenPlan | undefined {
  const gangs = movable(problem).filter((index) => mayShrink(problem.jobs[index]));
  const isFew = gangs.length > 0 && gangs.length <= triedJobsMax;
  return isFew && problem.jobs.length <= manyJobs
    ? improveShrinks(problem, roomScaled, gangs, best)
    : best;
}

function mayShrink(job: ShedJob | undefined): boolean {
  return job !== undefined && job.nodeCountMin < job.nodeCount;
}

/**
 * An earlier plan, whose pauses stay as they are but for those that are not needed any more, as do nodes that gangs give
 * back. Floors that it would break by less than the slack are no reason to change it.
 */
export function keepPlan(
  problem: ShedProblem,
  idleOn: readonly IdleNode[],
  slackMs: number,
): ChosenPlan | PlanDoesNotFit {
  const roomScaled = roomBeside(problem, idleOn);
  const jobs = problem.jobs.map((job) => ({ ...job, lossMsSoFar: job.lossMsSoFar - slackMs }));
  const slack = { ...problem, jobs };
  const kept = withPlannedNodes(slack, plannedDraft(problem), (draft) => {
    const settled = settleCaps(slack, draft, roomScaled);
    return settled.kind === "settled" ? { kind: "chosen", draft, settled } : settled;
  });
  return kept.kind === "chosen" ? relievePauses(problem, roomScaled, kept) : kept;
}

/** What jobs may use: idle nodes that stay on draw, too. */
export function roomBeside(problem: ShedProblem, idleOn: readonly IdleNode[]): Float64Array {
  const idle = new Float64Array(problem.roomScaled.length);
  for (const node of idleOn) {
    addNode(idle, node);
  }
  return problem.roomScaled.map((room, domain) => room - (idle[domain] ?? 0));
}

export function slotCountsFor(
  problem: ShedProblem,
  spared: ReadonlySet<number>,
): readonly number[] {
  const isFree = (one: number): boolean => !spared.has(one);
  if (problem.jobs.length > manyJobs) {
    return spared.size === 0 ? [slotCountOfMany] : [1];
  }
  const isPaused = problem.jobs.some((job) => staysPaused(problem, job));
  return isPaused || movable(problem).some(isFree) ? slotCounts : [1];
}

/** Sets of jobs to leave alone: of few jobs all sets, of many none and all. */
function sparedSets(problem: ShedProblem): readonly ReadonlySet<number>[] {
  const jobs = movable(problem);
  if (jobs.length === 0 || jobs.length > triedJobsMax) {
    return jobs.length === 0 ? [new Set()] : [new Set(), new Set(jobs)];
  }
  return Array.from(
    { length: 2 ** jobs.length },
    (_, bits) => new Set(jobs.filter((_one, at) => (bits & (1 << at)) !== 0)),
  );
}

/** Positions of the jobs that may pause or shrink, beside those that are paused anyway. */
function movable(problem: ShedProblem): readonly number[] {
  return problem.jobs.flatMap((job, index) =>
    !job.isProtected && (job.canPause || mayShrink(job)) && !staysPaused(problem, job)
      ? [index]
      : [],
  );
}
