import { addJob, addNode, runningWatts } from "./loads.ts";
import type { IdleNode, ShedProblem } from "./shed-problem.ts";

export interface IdleNodesSplit {
  readonly off: readonly IdleNode[];
  readonly on: readonly IdleNode[];
}

/**
 * First rung: idle nodes below a domain that is over go off, as few as it takes. Nobody loses work by
 * it, so they go before any cap falls. Nodes of rooms that have enough stay ready for the next job.
 */
export function powerOffIdle(problem: ShedProblem): IdleNodesSplit {
  const load = new Float64Array(problem.roomScaled.length);
  for (const job of problem.jobs) {
    addJob(load, job, runningWatts(problem, job, job.curve.points.at(-1)?.capWatts ?? 0));
  }
  for (const node of problem.idleNodes) {
    addNode(load, node);
  }
  const off: IdleNode[] = [];
  const on: IdleNode[] = [];
  for (const node of problem.idleNodes) {
    const isOver = node.domains.some(
      (domain) => (load[domain] ?? 0) > (problem.roomScaled[domain] ?? 0),
    );
    if (!isOver) {
      on.push(node);
      continue;
    }
    off.push(node);
    node.domains.forEach((domain, at) => {
      load[domain] = (load[domain] ?? 0) - (node.wattsScaled[at] ?? 0);
    });
  }
  return { off, on };
}
