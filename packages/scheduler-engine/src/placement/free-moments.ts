import { stopGraceMs } from "../limits.ts";
import { holdsUntilMs } from "../power/attempt-ends.ts";
import { keptMoments, notAsked } from "../power/kept-moments.ts";
import { freeCounts, type Pool, type SiteState } from "../state/site-state.ts";
import { nthSmallest } from "./nth-smallest.ts";

const freeNow = -Infinity;

/** By site, columns to sort in: of a large site to make one anew for every start is dear to collect. */
const rooms = new WeakMap<SiteState, Float64Array>();

function roomFor(site: SiteState): Float64Array {
  const room = rooms.get(site) ?? new Float64Array(site.nodeFlags.length);
  rooms.set(site, room);
  return room;
}

/**
 * For each node of a site from when it has the GPUs for a gang of a pool free; Infinity when it never
 * has: another pool, too small, not taking attempts. Worked out node by node when asked, and kept until facts
 * of the node change.
 */
export class FreeMoments {
  readonly #pool: Pool;
  readonly #gpusPerNode: number;
  readonly #mayUseKept: boolean;
  readonly #nowMs: number;
  readonly #moments: Float64Array | undefined;

  constructor(
    pool: Pool,
    gang: { readonly gpusPerNode: number; readonly mayUseKept: boolean },
    nowMs: number,
  ) {
    this.#pool = pool;
    this.#gpusPerNode = gang.gpusPerNode;
    this.#mayUseKept = gang.mayUseKept;
    this.#nowMs = nowMs;
    this.#moments = keptMoments(pool, gang.gpusPerNode);
  }

  get nodeCount(): number {
    return this.#pool.site.nodeFlags.length;
  }

  at(node: number): number {
    const moments = this.#moments;
    let moment = moments?.[node] ?? Infinity;
    if (moments !== undefined && moment === notAsked) {
      moment = this.#momentOf(node);
      moments[node] = moment;
    }
    // An overdue attempt is expected to go at once.
    const leastMs = moment === freeNow ? this.#nowMs : this.#nowMs + stopGraceMs;
    return this.#isKept(node) ? Infinity : Math.max(moment, leastMs);
  }

  #isKept(node: number): boolean {
    const { site } = this.#pool;
    const isPromised = !this.#mayUseKept && site.reservationOfNode[node]?.isLifted === false;
    return isPromised || site.returnNodes.has(node);
  }

  /** The moment by which `count` nodes are free. */
  ofNth(count: number): number {
    if (this.#freeNowCount() >= count) {
      return this.#nowMs;
    }
    const moments = roomFor(this.#pool.site);
    let finiteCount = 0;
    for (let node = 0; node < moments.length; node += 1) {
      // Of most it is known that they never are: they are of another pool.
      const moment = this.#moments?.[node] === Infinity ? Infinity : this.at(node);
      if (moment !== Infinity) {
        moments[finiteCount] = moment;
        finiteCount += 1;
      }
    }
    return finiteCount < count
      ? Infinity
      : nthSmallest(moments.subarray(0, finiteCount), count - 1);
  }

  /** The counts of the feed know it without a look at any node. */
  #freeNowCount(): number {
    const { free, kept, gpuCountMax } = this.#pool;
    let count = 0;
    for (let gpus = this.#gpusPerNode; gpus <= gpuCountMax && gpus < freeCounts; gpus += 1) {
      count += (free[gpus] ?? 0) - (this.#mayUseKept ? 0 : (kept[gpus] ?? 0));
    }
    return count;
  }

  #momentOf(node: number): number {
    const { site } = this.#pool;
    const heldMax = (site.nodeGpuCount[node] ?? 0) - this.#gpusPerNode;
    if (site.nodePool[node] !== this.#pool || site.nodeFlags[node] !== 0 || heldMax < 0) {
      return Infinity;
    }
    return (site.gpusHeld[node] ?? 0) <= heldMax ? freeNow : this.#ofRelease(node, heldMax);
  }

  /** From when a node holds at most `heldMax` GPUs. */
  #ofRelease(node: number, heldMax: number): number {
    const { site } = this.#pool;
    let held = site.gpusHeld[node] ?? 0;
    const attempts = site.attemptsOnNode[node] ?? [];
    const ends =
      attempts.length === 1
        ? attempts
        : attempts.toSorted((a, b) => holdsUntilMs(a) - holdsUntilMs(b));
    for (const attempt of ends) {
      held -= attempt.gpusPerNode;
      if (held <= heldMax) {
        return holdsUntilMs(attempt);
      }
    }
    return Infinity;
  }
}
