import { toNumber } from "@ertis/quantities";
import { switchOffMs } from "../limits.ts";
import { refreshCounts } from "../power/free-counts.ts";
import { forgetMoments } from "../power/kept-moments.ts";
import { isFelt, recoveredAtMs } from "../power/recovery.ts";
import { isBelow } from "../power/shedding/effects.ts";
import { mayBeWokenFor, sleepingNodes } from "../power/shedding/sleepers.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import { wakeLeadOf } from "../state/ramps.ts";
import type { Pool, SiteState } from "../state/site-state.ts";
import { planLeadMs } from "./earliest.ts";
import { planStartInRamps, sameStart } from "./plan-ramp.ts";
import type { PlannedStart } from "./plan-start.ts";

/** Moments at which nodes are back that are looked at: curtailments of several halls rarely end at more. */
const momentsMax = 4;

/**
 * The start to keep for a job with nodes that sleep now and are back by themselves: not before every curtailment
 * above them has given back all watts and they have had time to wake. Nodes that it does not take do not count as on:
 * what is promised has its watts before they have. Undefined where they do not help, or nobody knows when they are back.
 */
export function startOnSleepers(
  state: EngineState,
  pool: Pool,
  job: Job,
): PlannedStart | undefined {
  const { site } = pool;
  const asleep = site.lostSupplies.size > 0 ? [] : sleepingNodes(state, pool);
  const backMs = new Map<number, number>();
  for (const node of asleep) {
    const atMs = mayBeWokenFor(site, node, job.number) ? backAtMs(state, site, node) : Infinity;
    if (atMs < Infinity) {
      backMs.set(node, atMs);
    }
  }
  const moments = [...new Set(backMs.values())].toSorted((a, b) => a - b).slice(0, momentsMax);
  let best: PlannedStart | undefined;
  for (const atMs of moments) {
    if (atMs < (best?.startAtMs ?? Infinity)) {
      const nodes = asleep.filter((node) => (backMs.get(node) ?? Infinity) <= atMs);
      const found = asIfFree(site, nodes, () => startFrom(state, pool, job, atMs));
      const isOnThem = found?.nodes.some((node) => backMs.has(node)) === true;
      best = isOnThem && found.startAtMs < (best?.startAtMs ?? Infinity) ? found : best;
    }
  }
  return best;
}

/** Whole and at full power at a moment, else as promises are planned, which see no ceiling that rises before others end. */
function startFrom(
  state: EngineState,
  pool: Pool,
  job: Job,
  startAtMs: number,
): PlannedStart | undefined {
  const whole = { nodeCount: job.spec.nodeCount, capWatts: 0, startAtMs };
  return (
    sameStart(state, pool, job, whole) ??
    planStartInRamps(state, pool, job, startAtMs - state.nowMs)
  );
}

/** When a node that sleeps surely works again; Infinity: another curtailment keeps it off before. */
function backAtMs({ nowMs, ramps }: EngineState, site: SiteState, node: number): number {
  const above = site.curtailments.filter((one) => isBelow(site, [node], one.domain));
  const recoveredMs = above
    .filter((one) => isFelt(one, nowMs))
    .reduce((latest, one) => Math.max(latest, recoveredAtMs(one)), nowMs + planLeadMs);
  const backMs = recoveredMs + wakeLeadOf(ramps.get(site.site.id));
  const isKeptOff = above.some(({ start }) => {
    const beginMs = toNumber(start);
    return beginMs > nowMs && beginMs < backMs + switchOffMs;
  });
  return isKeptOff ? Infinity : backMs;
}

/** Looks at a site as if nodes that sleep were free: each draws nothing until it is taken. */
function asIfFree<T>(site: SiteState, nodes: readonly number[], look: () => T): T {
  const before = nodes.map((node) => site.nodeFlags[node] ?? 0);
  const setFlags = (flagsAt: (at: number) => number): void => {
    nodes.forEach((node, at) => {
      site.nodeFlags[node] = flagsAt(at);
      refreshCounts(site, node);
      forgetMoments(site, node);
    });
  };
  setFlags(() => 0);
  try {
    return look();
  } finally {
    setFlags((at) => before[at] ?? 0);
  }
}
