import { atWorkFromNow } from "./at-work.ts";
import { lowestCap } from "./allowances.ts";
import { addJob, addNode, runningWatts } from "./loads.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";

/** What a GPU counts at the lowest cap that the tier of its job allows, when that is neither paused nor shrunk from now on. */
export function floorWatts(problem: ShedProblem, job: ShedJob): number {
  return runningWatts(problem, job, lowestCap(problem, job, atWorkFromNow(problem, job)));
}

/** By domain: what every job at the lowest cap that its tier allows, with no node off and nobody paused, uses. */
export function floorsScaled(problem: ShedProblem): Float64Array {
  const floors = new Float64Array(problem.roomScaled.length);
  for (const job of problem.jobs) {
    addJob(floors, job, floorWatts(problem, job));
  }
  for (const node of problem.idleNodes) {
    addNode(floors, node);
  }
  return floors;
}
