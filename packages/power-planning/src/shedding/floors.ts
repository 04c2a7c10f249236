import { lowestCap } from "./allowances.ts";
import { addJob, addNode, runningWatts } from "./loads.ts";
import type { ShedProblem } from "./shed-problem.ts";

/** By domain: what everybody at the lowest cap that his tier allows, with no node off and nobody paused, uses. */
export function floorsScaled(problem: ShedProblem): Float64Array {
  const floors = new Float64Array(problem.roomScaled.length);
  for (const job of problem.jobs) {
    addJob(floors, job, runningWatts(problem, job, lowestCap(problem, job, 0)));
  }
  for (const node of problem.idleNodes) {
    addNode(floors, node);
  }
  return floors;
}
