import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { poolsFor } from "../placement/capacity.ts";
import { wantedIn } from "../placement/wanted.ts";
import { findNodes, type Wanted } from "../placement/search.ts";
import { curveOf } from "../power/curves.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import type { Pool } from "../state/site-state.ts";

/** One change of the request with which the job would start at once. */
export type Suggestion =
  | { readonly kind: "shorter-walltime"; readonly walltimeMs: number }
  | { readonly kind: "lower-cap"; readonly capWatts: number }
  | { readonly kind: "other-site"; readonly site: string; readonly gpuModel: string }
  | { readonly kind: "fewer-nodes"; readonly nodeCount: number };

/** A walltime shorter than this helps nobody. */
const walltimeMinMs = 60_000;

function toFullMinutes(durationMs: number): number {
  return Math.floor(durationMs / 60_000) * 60_000;
}

/**
 * The smallest change that makes a waiting job start now, or undefined. Asked in the order of what
 * it costs its owner: the same work in a shorter walltime, with a cap, elsewhere, on fewer nodes.
 */
export function suggestChange(
  state: EngineState,
  job: Job,
  pools: readonly Pool[],
): Suggestion | undefined {
  const asked = pools.map((pool) => ({ ...wantedIn(pool, job, state.nowMs) }));
  return (
    firstOf(asked, (wanted) => shorterWalltime(state, job, wanted)) ??
    firstOf(asked, (wanted) => lowerCap(job, wanted)) ??
    elsewhere(state, job, pools) ??
    fewerNodes(asked)
  );
}

function firstOf(
  asked: readonly Wanted[],
  find: (wanted: Wanted) => Suggestion | undefined,
): Suggestion | undefined {
  for (const wanted of asked) {
    const found = find(wanted);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** Gone before the next window begins, or before the start that is kept for another job. */
function shorterWalltime(state: EngineState, job: Job, wanted: Wanted): Suggestion | undefined {
  const { reservation, site } = wanted.pool;
  const moments = site.horizons
    .map((horizon) => horizon.atMs)
    .concat(reservation === undefined ? [] : [reservation.startAtMs])
    .filter((atMs) => atMs > state.nowMs && atMs < wanted.holdsUntilMs)
    .toSorted((a, b) => b - a);
  for (const holdsUntilMs of moments) {
    // Whole minutes: what is written down and typed in again still fits.
    const walltimeMs = toFullMinutes(holdsUntilMs - stopGraceMs - state.nowMs);
    const mayUseKept = reservation === undefined || holdsUntilMs <= reservation.startAtMs;
    if (
      walltimeMs >= walltimeMinMs &&
      walltimeMs < toNumber(job.spec.walltime) &&
      findNodes({ ...wanted, holdsUntilMs, mayUseKept }) !== undefined
    ) {
      return { kind: "shorter-walltime", walltimeMs };
    }
  }
  return undefined;
}

/** Measured caps that the hardware takes and the job, as it was asked for, does not. */
function lowerCap(job: Job, wanted: Wanted): Suggestion | undefined {
  const { pool } = wanted;
  const curve = curveOf(pool, job.spec.workloadClass);
  const top = pool.gpuCap?.highestWatts ?? 0;
  const caps = (curve?.points ?? [])
    .map((point) => point.capWatts)
    .filter((capWatts) => capWatts < top)
    .toReversed();
  const capWatts = caps.find((cap) => findNodes({ ...wanted, capWatts: cap }) !== undefined);
  return capWatts === undefined ? undefined : { kind: "lower-cap", capWatts };
}

function elsewhere(state: EngineState, job: Job, pools: readonly Pool[]): Suggestion | undefined {
  for (const pool of poolsFor(state, { site: "", gpuModel: "" })) {
    const isNew = !pools.includes(pool) && pool.site.awaySinceMs === undefined;
    if (isNew && findNodes(wantedIn(pool, job, state.nowMs)) !== undefined) {
      return { kind: "other-site", site: pool.site.site.id, gpuModel: pool.gpuModel };
    }
  }
  return undefined;
}

/** The most nodes that fit now: fewer nodes never need more room. */
function fewerNodes(asked: readonly Wanted[]): Suggestion | undefined {
  let best = 0;
  for (const wanted of asked) {
    let fits = best;
    let tooMany = wanted.nodeCount;
    while (tooMany - fits > 1) {
      const nodeCount = (fits + tooMany) >> 1;
      if (findNodes({ ...wanted, nodeCount }) === undefined) {
        tooMany = nodeCount;
      } else {
        fits = nodeCount;
      }
    }
    best = Math.max(best, fits);
  }
  return best === 0 ? undefined : { kind: "fewer-nodes", nodeCount: best };
}
