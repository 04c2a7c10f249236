import { lowestCapFor } from "../curves/read-curve.ts";
import { possibilityOf } from "./can-keep-floors.ts";
import { manyJobs } from "./many-jobs.ts";
import { trySettled } from "./plan-shed.ts";
import type { SettledPlan, ShedJob, ShedProblem } from "./shed-problem.ts";

const wholePart = 10_000;

/** In ten-thousandths of full throughput: the least that floors give at first, and how finely the part is found where few jobs are planned. */
const leastPart = 25;
const finePart = 5;

/** A plan for which every floor but those of protected jobs gives the same part. */
export interface WidenedPlan {
  readonly plan: SettledPlan;
  /** So many ten-thousandths more than its tier tolerates may every job lose. */
  readonly widenedBy: number;
}

/**
 * What was announced has to be held although floors do not allow it any more: jobs draw more than they
 * did, or one that was to pause is gone. All tiers give the same smallest part, rather than one job everything.
 * Undefined: not even without any floor is there a plan.
 */
export function planWidened(problem: ShedProblem): WidenedPlan | undefined {
  for (const widenedBy of [smallestPart(problem), wholePart]) {
    const tried = trySettled(widened(problem, widenedBy));
    if (tried.kind === "plan") {
      return { plan: tried.plan, widenedBy };
    }
  }
  return undefined;
}

function nobody(): boolean {
  return false;
}

function smallestPart(problem: ShedProblem): number {
  const isEnough = (part: number): boolean => possibilityOf(widened(problem, part))(nobody);
  let enough = leastPart;
  while (enough < wholePart && !isEnough(enough)) {
    enough = Math.min(wholePart, 2 * enough);
  }
  let tooLittle = enough === leastPart ? 0 : Math.floor(enough / 2);
  const apart = problem.jobs.length > manyJobs ? leastPart : finePart;
  while (enough - tooLittle > Math.max(apart, enough / 16)) {
    const middle = Math.ceil((tooLittle + enough) / 2);
    if (isEnough(middle)) {
      enough = middle;
    } else {
      tooLittle = middle;
    }
  }
  return enough;
}

function widened(problem: ShedProblem, part: number): ShedProblem {
  return part >= wholePart
    ? { ...problem, floors: "given-up" }
    : { ...problem, jobs: problem.jobs.map((job) => widenedJob(job, part / wholePart)) };
}

function widenedJob(job: ShedJob, more: number): ShedJob {
  if (job.isProtected) {
    return job;
  }
  const tierLossMax = Math.min(1, job.tierLossMax + more);
  const floorCapWatts = Math.min(job.floorCapWatts, lowestCapFor(job.curve, 1 - tierLossMax));
  return { ...job, tierLossMax, floorCapWatts };
}
