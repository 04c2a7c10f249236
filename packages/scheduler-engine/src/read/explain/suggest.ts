import { milliseconds, toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../../limits.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import { poolsFor } from "../../placement/capacity.ts";
import { findStart, reservationOf } from "../../placement/find.ts";
import { nextWorkMs, wantedIn, wantedUntil } from "../../placement/wanted.ts";
import { type Wanted } from "../../placement/room.ts";
import { availableNodes } from "../../power/free-counts.ts";
import { findNodes } from "../../placement/search.ts";
import { curveOf } from "../../power/shedding/curves.ts";
import { endAt } from "../../power/shedding/work.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { Pool } from "../../state/site-state.ts";
import type { FlexibilityTier, JobSpec } from "../../words/job-spec.ts";
import { atPool, elsewhereLater, fewerNodesLater, leastNow } from "./suggest-later.ts";
import type { Suggestion } from "./suggestion.ts";
import { firstKeptMs } from "../../state/reservations.ts";

/** The tiers a job can have, those that ask less of it first. */
const tiersPercent: readonly FlexibilityTier[] = [10, 25, 50];

/** A walltime shorter than this helps nobody. */
const walltimeMinMs = 60_000;

function toFullMinutes(durationMs: number): number {
  return Math.floor(durationMs / 60_000) * 60_000;
}

/**
 * The smallest change that makes a waiting job start now, or undefined. Asked in the order of what
 * it costs its owner: the same work in a shorter walltime, with a cap, elsewhere, on fewer nodes; then
 * elsewhere, or on fewer nodes, with half the wait.
 */
export function suggestChange(
  state: EngineState,
  job: Job,
  pools: readonly Pool[],
): Suggestion | undefined {
  const asked = pools.map((pool) => ({ ...wantedIn(pool, job, state.nowMs) }));
  return (
    firstOf(asked, (wanted) => shorterWalltime(state, job, wanted)) ??
    firstOf(asked, ({ pool }) => lowerCap(state, job, pool)) ??
    elsewhere(state, job, pools) ??
    fewerNodes(state, asked, job) ??
    elsewhereLater(state, job, pools) ??
    fewerNodesLater(state, job, pools)
  );
}

/**
 * Does it start at once as a job that asks for this instead? Whoever bends does so only where it is then done no later
 * than by waiting: room alone is no start.
 */
function startsWith(state: EngineState, job: Job, changes: Partial<JobSpec>): boolean {
  const own = reservationOf(state, job);
  const asked = { ...job, spec: { ...job.spec, ...changes } };
  return (
    withLifted(own === undefined ? [] : [own], () => findStart(state, asked, undefined)) !==
    undefined
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
  const { reservations, site } = wanted.pool;
  const firstMs = firstKeptMs(wanted.pool, job.number);
  const moments = site.horizons
    .map((horizon) => horizon.atMs)
    .concat(reservations.map((one) => one.startAtMs))
    .filter((atMs) => atMs > state.nowMs && atMs < wanted.holdsUntilMs)
    .toSorted((a, b) => b - a);
  for (const holdsUntilMs of moments) {
    // Whole minutes: what is written down and typed in again still fits.
    const walltimeMs = toFullMinutes(holdsUntilMs - stopGraceMs - state.nowMs);
    const mayUseKept = holdsUntilMs <= firstMs;
    if (
      walltimeMs >= walltimeMinMs &&
      walltimeMs < toNumber(job.spec.walltime) &&
      findNodes({ ...wanted, holdsUntilMs, mayUseKept }) !== undefined &&
      startsWith(state, job, inWalltime(job, walltimeMs))
    ) {
      return { kind: "shorter-walltime", walltimeMs };
    }
  }
  return undefined;
}

function inWalltime({ spec }: Job, walltimeMs: number): Partial<JobSpec> {
  const leastMs = Math.min(walltimeMs, toNumber(spec.walltimeMin));
  return { walltime: milliseconds(walltimeMs), walltimeMin: milliseconds(leastMs) };
}

/** A measured cap that a higher tier than the job's own allows; the work takes longer under it. */
function lowerCap(state: EngineState, job: Job, pool: Pool): Suggestion | undefined {
  const { spec } = job;
  const curve = curveOf(pool, spec.workloadClass);
  const top = pool.gpuCap?.highestWatts ?? 0;
  for (const { capWatts, speed } of (curve?.points ?? []).toReversed()) {
    const tierPercent = tiersPercent.find((tier) => 1 - tier / 100 <= speed);
    if (
      tierPercent === undefined ||
      tierPercent <= spec.flexibilityTier ||
      capWatts >= top ||
      capWatts < toNumber(spec.capMin)
    ) {
      continue;
    }
    const endsByMs = endAt(state.nowMs, nextWorkMs(job), speed);
    const capped = { ...job, spec: { ...spec, flexibilityTier: tierPercent } };
    if (
      findNodes({ ...wantedUntil(pool, capped, endsByMs), capWatts }) !== undefined &&
      startsWith(state, job, { flexibilityTier: tierPercent })
    ) {
      return { kind: "lower-cap", capWatts, tierPercent };
    }
  }
  return undefined;
}

/** Another site or model, where it would start at once. */
export function elsewhere(
  state: EngineState,
  job: Job,
  pools: readonly Pool[],
): Suggestion | undefined {
  for (const pool of poolsFor(state, { site: "", gpuModel: "" })) {
    const isNew = !pools.includes(pool) && pool.site.awaySinceMs === undefined;
    if (isNew && findNodes(wantedIn(pool, job, state.nowMs)) !== undefined) {
      return atPool(job, pool);
    }
  }
  return undefined;
}

/**
 * The most nodes that fit now. Less than half of them helps nobody, and as few as the job is content with are no
 * change of it. Who would be content with fewer still goes on asking for all of its nodes: it starts on those only where
 * it is done no later than by waiting for more.
 */
function fewerNodes(
  state: EngineState,
  asked: readonly Wanted[],
  job: Job,
): Suggestion | undefined {
  const { spec } = job;
  let best = 0;
  let chosen: Wanted | undefined;
  for (const wanted of asked) {
    const fits = mostNodes(wanted, best);
    if (fits > best) {
      best = fits;
      chosen = wanted;
    }
  }
  const isContent = best >= spec.nodeCountMin;
  if (chosen === undefined || isContent || best * 2 < spec.nodeCountMin) {
    return undefined;
  }
  const least = leastNow(job);
  const nodes = least.leastNow === undefined ? { nodeCount: best } : {};
  if (!startsWith(state, job, { ...nodes, nodeCountMin: best })) {
    return undefined;
  }
  const boundBy = whatBinds({ ...chosen, nodeCount: best + 1 });
  return {
    kind: "fewer-nodes",
    nodeCount: best,
    ...least,
    ...(boundBy === undefined ? {} : { boundBy }),
  };
}

/** The most nodes that fit now, of a gang that does not: fewer never need more room. `least`: no more are worth it. */
function mostNodes(wanted: Wanted, least: number): number {
  let fits = least;
  let tooMany = wanted.nodeCount;
  while (tooMany - fits > 1) {
    const nodeCount = (fits + tooMany) >> 1;
    if (findNodes({ ...wanted, nodeCount }) === undefined) {
      tooMany = nodeCount;
    } else {
      fits = nodeCount;
    }
  }
  return fits;
}

/**
 * On how many of its nodes a job that is content with fewer has room now; undefined: on too few, or it starts so in the
 * next pass. That it does not start so means that it would be done later there than by waiting.
 */
export function smallerNow(
  state: EngineState,
  job: Job,
  pools: readonly Pool[],
): number | undefined {
  const { nodeCount, nodeCountMin } = job.spec;
  if (nodeCountMin === nodeCount) {
    return undefined;
  }
  const fits = pools.reduce(
    (most, pool) => mostNodes({ ...wantedIn(pool, job, state.nowMs) }, most),
    0,
  );
  const own = reservationOf(state, job);
  const isStarting = (): boolean =>
    withLifted(own === undefined ? [] : [own], () => findStart(state, job, own)) !== undefined;
  return fits < nodeCountMin || fits >= nodeCount || isStarting() ? undefined : fits;
}

/** Why so many nodes do not fit although they are free; undefined: they are not free. */
function whatBinds(wanted: Wanted): "power" | "kept-nodes" | undefined {
  if (availableNodes({ ...wanted, mayUseKept: true }, 0) < wanted.nodeCount) {
    return undefined;
  }
  return availableNodes(wanted, 0) < wanted.nodeCount ? "kept-nodes" : "power";
}
