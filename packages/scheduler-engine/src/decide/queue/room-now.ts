import { wokenUntilMs } from "../../power/shedding/sleepers.ts";
import type { Candidate } from "../../state/candidate.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { freeCounts, type Pool, type SiteState } from "../../state/site-state.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { maySqueeze } from "../caps/squeeze-hold.ts";

/** Of the pools of some shapes together: the most that any of them has. */
interface PoolsNow {
  /** Nothing is kept there for this class or a higher one, so it may ask for a start of its own. */
  readonly leastClass: number;
  /** Nodes with so many GPUs free, whoever they are kept for. */
  readonly nodeCounts: Int32Array;
  readonly feeds: readonly Feed[];
  readonly mayWake: boolean;
  /** The same counts where caps may be lowered for a newcomer, without what is kept, and with it. */
  readonly openCounts: Int32Array;
  readonly squeezableCounts: Int32Array;
}

/** What a start of now surely has to fit at the feed of a site, scaled. */
interface Feed {
  readonly load: number;
  readonly ceiling: number;
}

/** Who asks, and what that needs at the least; undefined: nobody has found that out. */
type Asking = Pick<Candidate, "shape" | "number" | "needs">;

/**
 * What is left at one moment of a pass, in a few numbers: they answer for most shapes of a long queue, whose jobs lie far
 * apart in memory. To be made anew once anything has started or is promised.
 */
export class RoomNow {
  readonly #state: EngineState;
  readonly #ofPools = new Map<readonly Pool[], PoolsNow>();
  readonly #promised = new Set<JobNumber>();

  constructor(state: EngineState) {
    this.#state = state;
    for (const { pools } of state.sites.values()) {
      for (const { job } of pools.flatMap(({ reservations }) => reservations)) {
        this.#promised.add(job);
      }
    }
  }

  /** As `isWithoutRoom` (`blocked.ts`) would say; false: that has to be asked. */
  isSurelyWithout({ shape, number, needs }: Asking): boolean {
    if (needs === undefined) {
      return false;
    }
    const now = this.#nowOf(needs.pools);
    return (
      shape.priority < now.leastClass &&
      !now.mayWake &&
      ((now.nodeCounts[shape.gpusPerNode] ?? 0) < needs.nodeCount ||
        now.feeds.every(({ load, ceiling }) => load + needs.feedScaled > ceiling)) &&
      !this.#promised.has(number)
    );
  }

  /** May caps be lowered for it? Undefined: that has to be asked; what is kept for others, and how long it takes, decide. */
  maySqueeze({ shape, needs }: Asking): boolean | undefined {
    if (needs === undefined) {
      return undefined;
    }
    const now = this.#nowOf(needs.pools);
    const { gpusPerNode, nodeCount } = shape;
    if ((now.openCounts[gpusPerNode] ?? 0) >= nodeCount) {
      return true;
    }
    return (now.squeezableCounts[gpusPerNode] ?? 0) < nodeCount ? false : undefined;
  }

  #nowOf(pools: readonly Pool[]): PoolsNow {
    let now = this.#ofPools.get(pools);
    if (now === undefined) {
      now = poolsNow(this.#state, pools);
      this.#ofPools.set(pools, now);
    }
    return now;
  }
}

function poolsNow(state: EngineState, pools: readonly Pool[]): PoolsNow {
  const answering = pools.filter(({ site }) => site.awaySinceMs === undefined);
  const squeezable = answering.filter(({ site }) => maySqueeze(state, site));
  return {
    leastClass: Math.min(...answering.map(leastClassIn)),
    nodeCounts: mostNodes(answering, true),
    feeds: answering.map(({ site }) => feedOf(site)),
    mayWake: answering.some(({ site }) => wokenUntilMs(state, site) !== undefined),
    openCounts: mostNodes(squeezable, false),
    squeezableCounts: mostNodes(squeezable, true),
  };
}

function leastClassIn({ reservations }: Pool): number {
  return 1 + Math.max(-1, ...reservations.map(({ priority }) => priority));
}

/** Where a curtailment counts a start at its floor, nobody knows without a look at it. */
function feedOf({ horizons: [now] }: SiteState): Feed {
  return now === undefined || now.isCurtailed?.[0] === 1
    ? { load: 0, ceiling: Infinity }
    : { load: now.load[0] ?? 0, ceiling: now.ceiling[0] ?? 0 };
}

/** By GPUs a node, below the feed. */
function mostNodes(pools: readonly Pool[], withKept: boolean): Int32Array {
  const most = new Int32Array(freeCounts);
  for (const { free, kept, gpuCountMax } of pools) {
    let nodeCount = 0;
    for (let gpus = gpuCountMax; gpus >= 0; gpus -= 1) {
      nodeCount += (free[gpus] ?? 0) - (withKept ? 0 : (kept[gpus] ?? 0));
      most[gpus] = Math.max(most[gpus] ?? 0, nodeCount);
    }
  }
  return most;
}
