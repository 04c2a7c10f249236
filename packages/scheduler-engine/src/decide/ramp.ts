import { nextChangeAtMs, type RampPath, roomOnPath } from "@ertis/power-planning";
import { startSettleMs } from "../limits.ts";
import { growthWatts, type MoreGpus } from "../power/ledger.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import type { SiteRamps } from "../state/ramps.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Placement } from "../words/attempt.ts";

/**
 * Whether a start has to wait until the ramps above its nodes allow its step. The first that has to
 * makes everybody else of the site wait: smaller ones would take its room again and again. A step
 * that is larger than a ramp ever allows at once is made when the domain is quiet: it is the least
 * bad moment, and the report counts it.
 */
export function waitsForRamp(state: EngineState, job: Job, placement: Placement): boolean {
  const ramps = state.ramps.get(placement.site);
  if (ramps === undefined) {
    return false;
  }
  if (state.nowMs < ramps.waitUntilMs && ramps.waiter !== job.number) {
    return true;
  }
  const site = known(state.sites.get(placement.site), "site of a placement");
  const atMs = nextStartAtMs(state, ramps, stepsOf(site, ramps, job, placement));
  if (atMs <= state.nowMs) {
    ramps.waitUntilMs = 0;
    return false;
  }
  ramps.waitUntilMs = atMs;
  ramps.waiter = job.number;
  return true;
}

/** When a pass may find starts again that a ramp held up; Infinity: none is. */
export function nextRampMs(state: EngineState): number {
  let next = Infinity;
  for (const { waitUntilMs } of state.ramps.values()) {
    next = waitUntilMs > state.nowMs ? Math.min(next, waitUntilMs) : next;
  }
  return next;
}

/** By domain with a ramp, what the start adds, scaled. */
function stepsOf(
  site: SiteState,
  ramps: SiteRamps,
  { spec }: Job,
  { nodes, capWatts }: Placement,
): ReadonlyMap<number, number> {
  const now = known(site.horizons[0], "the horizon of now");
  const more: MoreGpus = { gpusPerNode: spec.gpusPerNode, capWatts, floorCapWatts: 0 };
  const steps = new Map<number, number>();
  for (const node of nodes) {
    let domain = site.nodeDomain[node] ?? -1;
    let scaled = growthWatts(site, node, more, now) * (site.nodeMultiplier[domain] ?? 0);
    while (domain >= 0) {
      if (ramps.budget.ledgers[domain] !== undefined) {
        steps.set(domain, (steps.get(domain) ?? 0) + scaled);
      }
      scaled *= site.parentMultiplier[domain] ?? 0;
      domain = site.parent[domain] ?? -1;
    }
  }
  return steps;
}

function nextStartAtMs(
  state: EngineState,
  { budget }: SiteRamps,
  steps: ReadonlyMap<number, number>,
): number {
  let latest = state.nowMs;
  for (const [domain, watts] of steps) {
    const path: RampPath = { domains: [domain], wattsPerWatt: [1] };
    const { upWatts } = roomOnPath(budget, path, { atMs: state.nowMs, settleMs: startSettleMs });
    if (watts <= upWatts) {
      continue;
    }
    const step = { watts, settleMs: startSettleMs };
    const next = nextChangeAtMs(budget, path, step, state.nowMs);
    latest = Math.max(
      latest,
      next?.atMs ?? quietFromMs(state, budget.ledgers[domain]?.steps ?? []),
    );
  }
  return latest;
}

/** Nothing lately: a window and a minute after the last change, in which windows are at most an hour. */
function quietFromMs({ nowMs }: EngineState, steps: readonly { readonly atMs: number }[]): number {
  const last = steps.at(-1)?.atMs ?? -Infinity;
  return Math.max(nowMs, last + quietMs);
}

const quietMs = 120_000;
