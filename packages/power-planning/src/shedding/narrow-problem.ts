import { lowestCapOf, restrictShared } from "../curves/restrict.ts";
import { addJob, addNode, runningWatts } from "./loads.ts";
import type { IdleNode, ShedJob, ShedProblem } from "./shed-problem.ts";

/**
 * The same problem with floors that are safe and with only the domains that can be too full at all: where everybody at full power
 * fits, nobody has to shed. Of thousands of racks below a feed this leaves the feed.
 */
export function narrowProblem(problem: ShedProblem): ShedProblem {
  const isTight = tightDomains(problem);
  return {
    ...problem,
    jobs: problem.jobs.map((job) => narrowJob(job, isTight)),
    idleNodes: problem.idleNodes.map((node) => narrowNode(node, isTight)),
  };
}

/** By domain, 1 where everybody at full power beside all idle nodes is too much. */
export function tightDomains(problem: ShedProblem): Uint8Array {
  const full = new Float64Array(problem.roomScaled.length);
  for (const job of problem.jobs) {
    const top = job.curve.points.at(-1)?.capWatts ?? job.floorCapWatts;
    addJob(full, job, Math.max(job.idleWatts, runningWatts(problem, job, top)));
  }
  for (const node of problem.idleNodes) {
    addNode(full, node);
  }
  return Uint8Array.from(full, (load, domain) => {
    const leaving = problem.leavingScaled?.[domain] ?? 0;
    return load + leaving > (problem.roomScaled[domain] ?? 0) ? 1 : 0;
  });
}

function narrowJob(job: ShedJob, isTight: Uint8Array): ShedJob {
  const { domains, scaled } = keptOf(job.domains, job.scaledPerGpuWatt, isTight);
  return { ...job, ...safeFloor(job), domains, scaledPerGpuWatt: scaled };
}

/**
 * Caps are never set below the lowest safe one of the curve, so no floor counts as lower: else a refusal
 * would name a room that is then refused, too.
 */
function safeFloor(job: ShedJob): Pick<ShedJob, "curve" | "floorCapWatts"> {
  const safe = lowestCapOf(job.curve, 0);
  const lowest = job.curve.points[0]?.capWatts ?? safe;
  const highestCapWatts = job.curve.points.at(-1)?.capWatts ?? safe;
  return safe <= lowest
    ? { curve: job.curve, floorCapWatts: Math.max(job.floorCapWatts, lowest) }
    : {
        curve: restrictShared(job.curve, { lowestCapWatts: safe, highestCapWatts }),
        floorCapWatts: Math.max(job.floorCapWatts, Math.min(safe, highestCapWatts)),
      };
}

function narrowNode(node: IdleNode, isTight: Uint8Array): IdleNode {
  const { domains, scaled } = keptOf(node.domains, node.wattsScaled, isTight);
  return { ...node, domains, wattsScaled: scaled };
}

/** Of some domains with a number each, those that are tight. By hand: every job and idle node of a site comes by. */
function keptOf(
  domains: Int32Array,
  scaled: Float64Array,
  isTight: Uint8Array,
): { readonly domains: Int32Array; readonly scaled: Float64Array } {
  const keptDomains = new Int32Array(domains.length);
  const keptScaled = new Float64Array(domains.length);
  let count = 0;
  for (let at = 0; at < domains.length; at += 1) {
    const domain = domains[at] ?? 0;
    if (isTight[domain] === 1) {
      keptDomains[count] = domain;
      keptScaled[count] = scaled[at] ?? 0;
      count += 1;
    }
  }
  return { domains: keptDomains.slice(0, count), scaled: keptScaled.slice(0, count) };
}
