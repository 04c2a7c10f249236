import { addJob, addNode, runningWatts } from "./loads.ts";
import { remainingMs } from "./shed-draft.ts";
import type { IdleNode, ShedJob, ShedProblem } from "./shed-problem.ts";

export interface IdleNodesSplit {
  readonly off: readonly IdleNode[];
  readonly on: readonly IdleNode[];
}

/**
 * First rung: idle nodes below a domain that is over go off, those first that save most, among equals those
 * last that are kept for a promised start, and no more of them than it takes for every job to run at full speed. Nobody loses work by it, so they go before any
 * cap falls that costs speed; but each has to be woken again, so the others stay ready for the next job.
 */
export function powerOffIdle(problem: ShedProblem): IdleNodesSplit {
  if (problem.idleNodes.length === 0) {
    return { off: [], on: [] };
  }
  const excess = excessAtFullSpeed(problem);
  const most = excess.slice();
  const inOrder = problem.idleNodes
    .map((node) => ({ node, saving: savingOf(node, most) }))
    .toSorted((a, b) => b.saving - a.saving || rankOf(a.node) - rankOf(b.node))
    .map(({ node }) => node);
  const off = new Set<IdleNode>();
  for (const node of inOrder) {
    if (node.domains.some((domain) => (excess[domain] ?? 0) > 0)) {
      off.add(node);
      add(excess, node, -1);
    }
  }
  // What larger ones chosen later made superfluous stays on.
  for (const node of [...off].toReversed()) {
    const isSpare = node.domains.every((domain, at) => {
      const left = excess[domain] ?? 0;
      return left === -Infinity || left + (node.wattsScaled[at] ?? 0) <= 0;
    });
    if (isSpare) {
      off.delete(node);
      add(excess, node, 1);
    }
  }
  return {
    off: problem.idleNodes.filter((node) => off.has(node)),
    on: problem.idleNodes.filter((node) => !off.has(node)),
  };
}

function rankOf({ isPromised }: IdleNode): number {
  return isPromised === true ? 1 : 0;
}

/** Would an idle node be off long enough to be worth its waking? */
export function isWorthSleep(problem: ShedProblem): boolean {
  return remainingMs(problem) + problem.noticeMs >= (problem.sleepMsMin ?? 0);
}

/** By domain; -Infinity where no node goes off for its sake. */
function excessAtFullSpeed(problem: ShedProblem): Float64Array {
  const load = new Float64Array(problem.roomScaled.length);
  for (const job of problem.jobs) {
    addJob(load, job, runningWatts(problem, job, lowestAtFullSpeed(job)));
  }
  for (const node of problem.idleNodes) {
    addNode(load, node);
  }
  return load.map((watts, domain) =>
    problem.areNodesShed?.[domain] === 0 ? -Infinity : watts - (problem.roomScaled[domain] ?? 0),
  );
}

function lowestAtFullSpeed({ curve, floorCapWatts }: ShedJob): number {
  const { points } = curve;
  const full = points.at(-1)?.speed ?? 0;
  const lowest = points.find(({ speed }) => speed >= full)?.capWatts ?? 0;
  return Math.max(lowest, floorCapWatts);
}

/** The part of what is too much that a node would take off, summed over the domains above it. */
function savingOf({ domains, wattsScaled }: IdleNode, excess: Float64Array): number {
  let part = 0;
  for (let at = 0; at < domains.length; at += 1) {
    const over = excess[domains[at] ?? 0] ?? 0;
    part += over > 0 ? Math.min(1, (wattsScaled[at] ?? 0) / over) : 0;
  }
  return part;
}

function add(sum: Float64Array, { domains, wattsScaled }: IdleNode, sign: 1 | -1): void {
  for (let at = 0; at < domains.length; at += 1) {
    const domain = domains[at] ?? 0;
    sum[domain] = (sum[domain] ?? 0) + sign * (wattsScaled[at] ?? 0);
  }
}
