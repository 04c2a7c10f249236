import { memoryMs, stepWattsMax } from "@ertis/power-planning";
import { startSettleMs, wakeMs } from "../../limits.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import type { Reservation, SiteState } from "../../state/site-state.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { cutWatts } from "../../state/caps.ts";
import { isSwitchedOff } from "../promised-wakes.ts";
import { addStep, type ComingSteps, type RampSteps } from "./ramp-room.ts";

/** All that will rise soon and keeps its room. */
export function comingRises(
  state: EngineState,
  site: SiteState,
  ramps: SiteRamps,
  wish: ComingWish,
): readonly ComingSteps[] {
  return [...comingStarts(state, site, ramps, wish), ...comingWakes(state, site, ramps, wish)];
}

/** Nodes that are off and will be woken for starts that are promised to others. */
function comingWakes(
  state: EngineState,
  site: SiteState,
  ramps: SiteRamps,
  { job, untilMs = state.nowMs }: ComingWish,
): readonly ComingSteps[] {
  const coming: ComingSteps[] = [];
  for (const one of site.pools.flatMap((pool) => pool.reservations)) {
    const atMs = Math.max(state.nowMs, one.wakeByMs);
    const isNear = atMs - untilMs <= longestMemoryMs(ramps) + wakeMs;
    if (one.job === job || one.nodesOffCount === 0 || !isNear) {
      continue;
    }
    const steps = new Map<number, number>();
    for (const node of one.nodes.filter((each) => isSwitchedOff(site.nodeFlags[each] ?? 0))) {
      addStep(site, ramps, steps, { node, watts: site.nodeBounds[node]?.[0] ?? 0 });
    }
    coming.push({ atMs, settleMs: wakeMs, steps: withinRamps(ramps, steps) });
  }
  return coming;
}

export interface ComingWish {
  /** Whose own promise is no part of it. */
  readonly job: JobNumber | undefined;
  /** Up to when steps are to be judged; absent: now. */
  readonly untilMs?: number;
  /** Only starts that are promised for sooner than this; absent: all. */
  readonly beforeMs?: number;
}

/**
 * Starts that are promised to others. Lowerings that are
 * ordered may never come, and make no room. A promise says at which cap it starts, and keeps room for that.
 */
export function comingStarts(
  state: EngineState,
  site: SiteState,
  ramps: SiteRamps,
  { job, untilMs = state.nowMs, beforeMs = Infinity }: ComingWish,
): readonly ComingSteps[] {
  const coming: ComingSteps[] = [];
  for (const reservation of site.pools.flatMap((pool) => pool.reservations)) {
    if (reservation.job === job || reservation.startAtMs >= beforeMs) {
      continue;
    }
    const atMs = Math.max(state.nowMs, reservation.startAtMs);
    const steps = stepsOfPromise(site, ramps, reservation);
    if (atMs - untilMs <= longestMemoryMs(ramps) + startSettleMs) {
      // What is planned after it has to count all that it adds; before it, it is left no more than a ramp ever allows.
      const isPlanned = untilMs > state.nowMs;
      coming.push({
        atMs,
        settleMs: startSettleMs,
        steps: isPlanned ? steps : withinRamps(ramps, steps),
      });
    }
  }
  return coming;
}

/** The longest of its domains. */
export function longestMemoryMs({ domains, budget }: SiteRamps): number {
  return domains.reduce((most, domain) => {
    const limit = budget.ledgers[domain]?.limit;
    return limit === undefined ? most : Math.max(most, memoryMs(limit));
  }, 0);
}

/** What a promised start adds, as if its nodes were free. */
export function stepsOfPromise(
  site: SiteState,
  ramps: SiteRamps,
  { nodes, gpusPerNode, capWatts }: Pick<Reservation, "nodes" | "gpusPerNode" | "capWatts">,
): RampSteps {
  const steps = new Map<number, number>();
  for (const node of nodes) {
    const bounds = site.nodeBounds[node];
    const whole = (bounds?.[gpusPerNode] ?? 0) - (bounds?.[0] ?? 0);
    const watts = whole - cutWatts(site, node, gpusPerNode, capWatts);
    addStep(site, ramps, steps, { node, watts: Math.max(0, watts) });
  }
  return steps;
}

/** Never more than the ramp allows a quiet domain, either way. */
export function withinRamps(ramps: SiteRamps, steps: RampSteps): RampSteps {
  const within = new Map<number, number>();
  for (const [domain, watts] of steps) {
    const limit = ramps.budget.ledgers[domain]?.limit;
    const most = limit === undefined ? Infinity : stepWattsMax(limit);
    within.set(domain, Math.max(-most, Math.min(watts, most)));
  }
  return within;
}
