import { lowestCapOf, restrictShared } from "../curves/restrict.ts";
import { addJob, addNode, runningWatts } from "./loads.ts";
import type { IdleNode, ShedJob, ShedProblem } from "./shed-problem.ts";

/**
 * The same problem with floors that are safe and with only the domains that can be too full at all: where everybody at full power
 * fits, nobody has to shed. Of thousands of racks below a feed this leaves the feed, and of idle nodes those below what is left.
 */
export function narrowProblem(problem: ShedProblem): ShedProblem {
  const narrowing = new Narrowing(tightDomains(problem));
  return {
    ...problem,
    jobs: problem.jobs.map((job) => narrowJob(job, narrowing)),
    idleNodes: problem.idleNodes.flatMap((node) => narrowNode(node, narrowing)),
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

function narrowJob(job: ShedJob, narrowing: Narrowing): ShedJob {
  const { domains, scaled } = narrowing.kept(job.domains, job.scaledPerGpuWatt);
  const { curve, floorCapWatts } = safeFloor(job);
  return { ...job, curve, floorCapWatts, domains, scaledPerGpuWatt: scaled };
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

/** None: it is below no tight domain, so that it neither goes off nor is in anybody's way. */
function narrowNode(node: IdleNode, narrowing: Narrowing): readonly IdleNode[] {
  const { domains, scaled } = narrowing.kept(node.domains, node.wattsScaled);
  return domains.length === 0 ? [] : [{ ...node, domains, wattsScaled: scaled }];
}

interface Kept {
  readonly domains: Int32Array;
  readonly scaled: Float64Array;
}

const nothingKept: Kept = { domains: new Int32Array(0), scaled: new Float64Array(0) };

/** Of some domains with a number each, those that are tight. By hand: every job and idle node of a site comes by. */
class Narrowing {
  readonly #isTight: Uint8Array;
  /** Of whom one domain is kept, as of nearly all: the one before is mostly like it, and they share what they keep. */
  #alone = nothingKept;

  constructor(isTight: Uint8Array) {
    this.#isTight = isTight;
  }

  kept(domains: Int32Array, scaled: Float64Array): Kept {
    let count = 0;
    let last = 0;
    for (let at = 0; at < domains.length; at += 1) {
      if (this.#isTight[domains[at] ?? 0] === 1) {
        count += 1;
        last = at;
      }
    }
    if (count === 0 || count === domains.length) {
      return count === 0 ? nothingKept : { domains, scaled };
    }
    return count === 1
      ? this.#keptAlone(domains[last] ?? 0, scaled[last] ?? 0)
      : this.#keptOf(domains, scaled, count);
  }

  #keptAlone(domain: number, scaled: number): Kept {
    const before = this.#alone;
    const isSameDomain = before.domains[0] === domain;
    if (!isSameDomain || before.scaled[0] !== scaled) {
      const domains = isSameDomain ? before.domains : Int32Array.of(domain);
      this.#alone = { domains, scaled: Float64Array.of(scaled) };
    }
    return this.#alone;
  }

  #keptOf(domains: Int32Array, scaled: Float64Array, count: number): Kept {
    const kept = { domains: new Int32Array(count), scaled: new Float64Array(count) };
    let next = 0;
    for (let at = 0; at < domains.length; at += 1) {
      const domain = domains[at] ?? 0;
      if (this.#isTight[domain] === 1) {
        kept.domains[next] = domain;
        kept.scaled[next] = scaled[at] ?? 0;
        next += 1;
      }
    }
    return kept;
  }
}
