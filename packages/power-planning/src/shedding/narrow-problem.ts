import { lowestCapOf, restrictShared } from "../curves/restrict.ts";
import { addJob, addNode, runningWatts } from "./loads.ts";
import type { IdleNode, ShedJob, ShedProblem } from "./shed-problem.ts";

/**
 * The same problem with floors that are safe and with only the domains that can be too full at all: where everybody at full power
 * fits, nobody has to shed. Of thousands of racks below a feed this leaves the feed.
 */
export function narrowProblem(problem: ShedProblem): ShedProblem {
  const full = new Float64Array(problem.roomScaled.length);
  for (const job of problem.jobs) {
    const top = job.curve.points.at(-1)?.capWatts ?? job.floorCapWatts;
    addJob(full, job, Math.max(job.idleWatts, runningWatts(problem, job, top)));
  }
  for (const node of problem.idleNodes) {
    addNode(full, node);
  }
  const isTight = Uint8Array.from(full, (load, domain) => {
    const leaving = problem.leavingScaled?.[domain] ?? 0;
    return load + leaving > (problem.roomScaled[domain] ?? 0) ? 1 : 0;
  });
  return {
    ...problem,
    jobs: problem.jobs.map((job) => narrowJob(job, isTight)),
    idleNodes: problem.idleNodes.map((node) => narrowNode(node, isTight)),
  };
}

function narrowJob(job: ShedJob, isTight: Uint8Array): ShedJob {
  const kept = tightPositions(job.domains, isTight);
  return {
    ...withSafeFloor(job),
    domains: Int32Array.from(kept, (at) => job.domains[at] ?? 0),
    scaledPerGpuWatt: Float64Array.from(kept, (at) => job.scaledPerGpuWatt[at] ?? 0),
  };
}

/**
 * Caps are never set below the lowest safe one of the curve, so no floor counts as lower: else a refusal
 * would name a room that is then refused, too.
 */
function withSafeFloor(job: ShedJob): ShedJob {
  const safe = lowestCapOf(job.curve, 0);
  const lowest = job.curve.points[0]?.capWatts ?? safe;
  const highestCapWatts = job.curve.points.at(-1)?.capWatts ?? safe;
  return safe <= lowest
    ? { ...job, floorCapWatts: Math.max(job.floorCapWatts, lowest) }
    : {
        ...job,
        curve: restrictShared(job.curve, { lowestCapWatts: safe, highestCapWatts }),
        floorCapWatts: Math.max(job.floorCapWatts, Math.min(safe, highestCapWatts)),
      };
}

function narrowNode(node: IdleNode, isTight: Uint8Array): IdleNode {
  const kept = tightPositions(node.domains, isTight);
  return {
    ...node,
    domains: Int32Array.from(kept, (at) => node.domains[at] ?? 0),
    wattsScaled: Float64Array.from(kept, (at) => node.wattsScaled[at] ?? 0),
  };
}

function tightPositions(domains: Int32Array, isTight: Uint8Array): readonly number[] {
  const kept: number[] = [];
  for (let at = 0; at < domains.length; at += 1) {
    if (isTight[domains[at] ?? 0] === 1) {
      kept.push(at);
    }
  }
  return kept;
}
