import { stopGraceMs } from "../../limits.ts";
import { poolsFor } from "../../placement/capacity.ts";
import { reservationOf } from "../../placement/find.ts";
import { type PlannedStart, startOf } from "../../placement/plan-start.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { isDoneInTime } from "../../state/reservations.ts";
import type { Pool } from "../../state/site-state.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import type { Suggestion } from "./suggestion.ts";

/** Of a job that is content with fewer nodes than it asks for: fewer still are a change of that number. */
export function leastNow({ spec: { nodeCount, nodeCountMin } }: Job): {
  readonly leastNow?: number;
} {
  return nodeCountMin < nodeCount ? { leastNow: nodeCountMin } : {};
}

/** Its start there, with what of the request has to change for it. */
export function atPool(
  { spec }: Job,
  { site, gpuModel }: Pool,
): Extract<Suggestion, { readonly kind: "other-site" }> {
  const { id } = site.site;
  const field = spec.site === "" || spec.site === id ? "gpu-model" : "site";
  return { kind: "other-site", site: id, gpuModel, field };
}

/** Nodes times searches that one answer may cost: an answer stays quick on a large site, too. */
const nodesLookedAtMax = 100_000;

/**
 * Where no change lets a job start at once: the most nodes, at least half of them, with which it waits at
 * most half as long. By the search that promises starts, so beside those that are promised; what runs may use
 * its walltime. Undefined where that is no gain, or nothing is known of a start.
 */
export function fewerNodesLater(
  state: EngineState,
  job: Job,
  pools: readonly Pool[],
): Suggestion | undefined {
  const own = reservationOf(state, job);
  const pool = own?.pool ?? pools[0];
  if (pool === undefined) {
    return undefined;
  }
  return withLifted(own === undefined ? [] : [own], () => {
    const startWith = (nodeCount: number): PlannedStart | undefined =>
      startOf(pool, job, { nodeCount, capWatts: 0 }, { nowMs: state.nowMs, leadMs: undefined });
    const { nodeCount, nodeCountMin } = job.spec;
    const waiting = own ?? holding(startWith(nodeCount));
    if (waiting === undefined) {
      return undefined;
    }
    const wantedMs = state.nowMs + (waiting.startAtMs - state.nowMs) / 2;
    const content = nodeCountMin < nodeCount ? startWith(nodeCountMin)?.startAtMs : undefined;
    if (content !== undefined && content <= wantedMs) {
      return undefined;
    }
    let found: { readonly nodeCount: number; readonly start: PlannedStart } | undefined;
    // As few as it is content with are no change of it.
    let [low, high] = [Math.ceil(nodeCountMin / 2), nodeCountMin - 1];
    let left = Math.floor(nodesLookedAtMax / pool.site.nodeFlags.length);
    for (; low <= high && left > 0; left -= 1) {
      // The fewest first: where not even half of the nodes help, one search says so.
      const middle = found === undefined ? low : Math.ceil((low + high) / 2);
      const start = startWith(middle);
      if (start !== undefined && start.startAtMs <= wantedMs) {
        found = { nodeCount: middle, start };
        low = middle + 1;
      } else if (found === undefined) {
        return undefined;
      } else {
        high = middle - 1;
      }
    }
    const least = leastNow(job);
    // Who is content with fewer does not start on those where it would be done later than by waiting for more.
    if (
      found === undefined ||
      (least.leastNow !== undefined && !isDoneInTime(found.start, waiting))
    ) {
      return undefined;
    }
    const startMs = found.start.startAtMs;
    return { kind: "fewer-nodes", nodeCount: found.nodeCount, ...least, startMs };
  });
}

function holding(
  start: PlannedStart | undefined,
): (PlannedStart & { readonly holdsUntilMs: number }) | undefined {
  return start && { ...start, holdsUntilMs: start.endsByMs + stopGraceMs };
}

/**
 * Where no change lets a job start at once: another model or site where it waits at most half as long, by the same
 * search. Of several the soonest. A job that leaves both open has all of them already.
 */
export function elsewhereLater(
  state: EngineState,
  job: Job,
  pools: readonly Pool[],
): Suggestion | undefined {
  const startIn = (pool: Pool): number => {
    const asked = { nodeCount: job.spec.nodeCount, capWatts: 0 };
    return (
      startOf(pool, job, asked, { nowMs: state.nowMs, leadMs: undefined })?.startAtMs ?? Infinity
    );
  };
  const soonest = (all: readonly Pool[]): readonly [Pool | undefined, number] =>
    all.reduce<readonly [Pool | undefined, number]>(
      (best, pool) => {
        const startMs = startIn(pool);
        return startMs < best[1] ? [pool, startMs] : best;
      },
      [undefined, Infinity],
    );
  const others = affordable(
    poolsFor(state, { site: "", gpuModel: "" }).filter(
      (pool) => !pools.includes(pool) && pool.site.awaySinceMs === undefined,
    ),
  );
  if (others.length === 0) {
    return undefined;
  }
  const own = reservationOf(state, job);
  return withLifted(own === undefined ? [] : [own], () => {
    const waitsUntilMs = own?.startAtMs ?? soonest(pools)[1];
    const [pool, startMs] = soonest(others);
    const isHalf = startMs - state.nowMs <= (waitsUntilMs - state.nowMs) / 2;
    return pool !== undefined && isHalf ? { ...atPool(job, pool), startMs } : undefined;
  });
}

/** As many as one answer may look at. */
function affordable(pools: readonly Pool[]): readonly Pool[] {
  let nodeCount = 0;
  return pools.filter(({ site }) => {
    nodeCount += site.nodeFlags.length;
    return nodeCount <= nodesLookedAtMax;
  });
}
