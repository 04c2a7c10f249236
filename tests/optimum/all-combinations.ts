import { countedWatts, type FillProblem, pointAt } from "@ertis/power-planning";

/** Most weighted speed over all combinations of caps on the grid; for a handful of jobs and caps. */
export function bestCombination(problem: FillProblem): number {
  const used = new Float64Array(problem.roomScaled.length);
  return extend(problem, used, 0);
}

function extend(problem: FillProblem, used: Float64Array, at: number): number {
  const job = problem.jobs[at];
  if (job === undefined) {
    return 0;
  }
  let best = -Infinity;
  const last = job.curve.points.at(-1)?.capWatts ?? 0;
  for (let cap = job.floorCapWatts; cap <= last; cap += problem.capStepWatts) {
    const point = pointAt(job.curve, cap);
    const watts = countedWatts(point, problem.counts);
    const after = used.slice();
    for (const [slot, domain] of job.domains.entries()) {
      after[domain] = (after[domain] ?? 0) + watts * (job.scaledPerGpuWatt[slot] ?? 0);
    }
    if (after.every((load, domain) => load <= (problem.roomScaled[domain] ?? 0) + 1e-6)) {
      const rest = extend(problem, after, at + 1);
      best = Math.max(best, job.weight * point.speed + rest);
    }
  }
  return best;
}
