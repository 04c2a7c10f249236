import type { FillJob } from "@ertis/power-planning";
import { smallestGrowthWatts, type Wanted } from "../../placement/room.ts";
import { findNodes } from "../../placement/search.ts";
import { speedUnder } from "../../power/shedding/curves.ts";
import { fillJobOf, turnoverWeightOf } from "../../power/shedding/fill-jobs.ts";
import { lentCurve } from "../../power/shedding/lent-curves.ts";
import { type LoweredFor, withLowering } from "../../power/what-if/lowering.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { capNow } from "./cap-orders.ts";
import { capBeforeWindow } from "./cap-windows.ts";
import { cheapestToLower } from "./squeeze-choice.ts";

/** Whose caps may fall. */
export interface Squeezed {
  readonly attempts: readonly Attempt[];
  readonly jobs: readonly FillJob[];
}

/**
 * Attempts that can be lowered, none so far that it would run into a window it ends before now.
 *
 * @param windowsMs when windows begin, in rising order
 * @param stopping who stops, and is not lowered before that
 */
export function squeezable(
  state: EngineState,
  wanted: Wanted,
  windowsMs: readonly number[],
  stopping: readonly Attempt[] = [],
): Squeezed {
  const { site } = wanted.pool;
  const attempts: Attempt[] = [];
  const jobs: FillJob[] = [];
  for (const attempt of cheapestToLower(state, site, wanted)) {
    if (stopping.includes(attempt)) {
      continue;
    }
    const curve = lentCurve(site, attempt, state.nowMs);
    const floorCapWatts = Math.max(
      attempt.floorCapWatts,
      capBeforeWindow(state, site, attempt, windowsMs),
    );
    if (curve === undefined || floorCapWatts >= capNow(site, attempt)) {
      continue;
    }
    attempts.push(attempt);
    const running = known(state.jobs.get(attempt.job), "job of an attempt");
    jobs.push(
      fillJobOf(site, {
        job: running,
        weight: turnoverWeightOf(running, attempt.heldNodes.length * attempt.gpusPerNode),
        curve,
        floorCapWatts,
        nodes: attempt.heldNodes,
        gpusPerNode: attempt.gpusPerNode,
      }),
    );
  }
  return { attempts, jobs };
}

/** False when even all floors together surely free too little at the feed. */
export function mayFreeEnough(
  site: SiteState,
  { attempts, jobs }: Squeezed,
  wanted: Wanted,
): boolean {
  const now = known(site.horizons[0], "the horizon of now");
  let free = (now.ceiling[0] ?? 0) - (now.load[0] ?? 0);
  attempts.forEach((attempt, at) => {
    const job = jobs[at];
    const feed = job?.domains.indexOf(0) ?? -1;
    const cap = capNow(site, attempt);
    free += (cap - (job?.floorCapWatts ?? cap)) * (job?.scaledPerGpuWatt[feed] ?? 0);
  });
  const perWatt = (site.scaledPerWattMin[0] ?? 0) * wanted.nodeCount;
  return attempts.length > 0 && smallestGrowthWatts(wanted) * perWatt <= free;
}

/** Where the newcomer would fit with everybody lowered as far as may be. */
export function nodesAtFloors(
  site: SiteState,
  squeezed: Squeezed,
  wanted: Wanted,
  howLong: LoweredFor,
): readonly number[] | undefined {
  return withAllLowered(site, squeezed, howLong, () => findNodes(wanted));
}

/** Asks with everybody lowered as far as may be. */
export function withAllLowered<T>(
  site: SiteState,
  { attempts, jobs }: Squeezed,
  howLong: LoweredFor,
  ask: () => T,
): T {
  return withLowering(site, howLong, (lowering) => {
    attempts.forEach((attempt, at) => {
      lowering.lower(attempt, jobs[at]?.floorCapWatts ?? attempt.capWatts);
    });
    return ask();
  });
}

/** Weighted speed that the lowered attempts lose. */
export function loss({ attempts, jobs }: Squeezed, caps: readonly number[]): number {
  let sum = 0;
  attempts.forEach((attempt, at) => {
    // What it leaves unused anyway is no loss.
    const before = speedUnder(jobs[at]?.curve, attempt.capWatts);
    const after = speedUnder(jobs[at]?.curve, caps[at] ?? 0);
    sum += (jobs[at]?.weight ?? 0) * Math.max(0, before - after);
  });
  return sum;
}
