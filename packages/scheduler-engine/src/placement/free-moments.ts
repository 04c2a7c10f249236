import { stopGraceMs } from "../limits.ts";
import { holdsUntilMs } from "../power/attempt-ends.ts";
import { known } from "../state/assert.ts";
import { freeCounts, type Pool } from "../state/site-state.ts";

const notAsked = -1;

/**
 * For each node of a site from when it has the GPUs for a gang of a pool free; Infinity when it never
 * has: another pool, too small, not taking attempts. Worked out node by node when asked.
 */
export class FreeMoments {
  readonly #pool: Pool;
  readonly #gpusPerNode: number;
  readonly #mayUseKept: boolean;
  readonly #nowMs: number;
  /** Made when a node is asked for. */
  #moments: Float64Array | undefined;

  constructor(
    pool: Pool,
    gang: { readonly gpusPerNode: number; readonly mayUseKept: boolean },
    nowMs: number,
  ) {
    this.#pool = pool;
    this.#gpusPerNode = gang.gpusPerNode;
    this.#mayUseKept = gang.mayUseKept;
    this.#nowMs = nowMs;
  }

  get nodeCount(): number {
    return this.#pool.site.nodeFlags.length;
  }

  at(node: number): number {
    this.#moments ??= new Float64Array(this.nodeCount).fill(notAsked);
    let moment = this.#moments[node] ?? Infinity;
    if (moment === notAsked) {
      moment = this.#momentOf(node);
      this.#moments[node] = moment;
    }
    return moment;
  }

  /** The moment by which `count` nodes are free. */
  ofNth(count: number): number {
    if (this.#freeNowCount() >= count) {
      return this.#nowMs;
    }
    const finite: number[] = [];
    for (let node = 0; node < this.nodeCount; node += 1) {
      const moment = this.at(node);
      if (moment !== Infinity) {
        finite.push(moment);
      }
    }
    return finite.length < count
      ? Infinity
      : known(Float64Array.from(finite).toSorted()[count - 1], "moment");
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
    if (!this.#mayUseKept && site.reservationOfNode[node]?.isLifted === false) {
      return Infinity;
    }
    return (site.gpusHeld[node] ?? 0) <= heldMax ? this.#nowMs : this.#ofRelease(node, heldMax);
  }

  /** From when a node holds at most `heldMax` GPUs. An overdue attempt is expected to go at once. */
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
        return Math.max(holdsUntilMs(attempt), this.#nowMs + stopGraceMs);
      }
    }
    return Infinity;
  }
}
