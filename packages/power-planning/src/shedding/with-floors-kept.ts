import type { ShedJob, ShedProblem } from "./shed-problem.ts";

/**
 * The same with all floors, also those that may be given up; undefined: none of them is, or all are. Only of a target on
 * measured draw: an emergency keeps floors until nodes are off as well, which its own search looks at.
 */
export function withFloorsKept(problem: ShedProblem): ShedProblem | undefined {
  const isAnyGivenUp = problem.jobs.some(({ givenUp }) => givenUp !== undefined);
  return isAnyGivenUp && problem.floors === "kept" && problem.counts === "draw"
    ? { ...problem, jobs: problem.jobs.map((job) => keepingFloor(problem, job)) }
    : undefined;
}

/** What it has lost while its floor was given up is made up for by nobody: of the rest it loses no more than its tier. */
function keepingFloor({ elapsedMs }: ShedProblem, job: ShedJob): ShedJob {
  if (job.givenUp === undefined) {
    return job;
  }
  const { tierLossMax, lossMsSoFar } = job.givenUp;
  const backMs = job.isPausedNow ? (1 - tierLossMax) * job.restoreMs : 0;
  const evenMs = tierLossMax * elapsedMs - backMs;
  return { ...job, ...job.givenUp, lossMsSoFar: Math.min(lossMsSoFar, evenMs) };
}
