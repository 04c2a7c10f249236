import { toNumber } from "@ertis/quantities";
import { switchOffMs } from "../limits.ts";
import { refreshCounts } from "../power/free-counts.ts";
import { forgetMoments } from "../power/kept-moments.ts";
import { recoveredAtMs } from "../power/recovery.ts";
import { isBelow } from "../power/shedding/effects.ts";
import { mayBeWokenFor } from "../power/shedding/sleepers.ts";
import { isSleeping, putToSleep, sleepingNodes } from "../power/sleeping-nodes.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import { wakeLeadOf } from "../state/ramps.ts";
import type { Pool, SiteState } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import { planLeadMs } from "./earliest.ts";
import { planStartInRamps, sameStart } from "./plan-ramp.ts";
import type { PlannedStart } from "./plan-start.ts";

/** Moments at which nodes are back that are looked at: curtailments of several halls rarely end at more. */
const momentsMax = 4;

/**
 * The start to keep for a job with nodes that sleep now and are back by themselves: not before every curtailment
 * above them has given back all watts and they have had time to wake. Nodes that it does not take do not count as on:
 * what is promised has its watts before they have. Undefined where they do not help, or a supply is lost.
 *
 * @param toldFromMs asked for what is told and not kept: not before this moment, with all nodes that may be taken then, and also without those that sleep
 */
export function startOnSleepers(
  state: EngineState,
  pool: Pool,
  job: Job,
  toldFromMs?: number,
): PlannedStart | undefined {
  const { site } = pool;
  const listed = toldFromMs === undefined ? sleepingNodes(state, pool) : putToSleep(pool);
  const asleep = site.lostSupplies.size > 0 ? [] : listed;
  const backMs = new Map<number, number>();
  for (const node of asleep) {
    if (toldFromMs !== undefined || mayBeWokenFor(site, node, job.number)) {
      backMs.set(node, Math.max(backAtMs(state, site, node), toldFromMs ?? 0));
    }
  }
  const moments = [...new Set(backMs.values())].toSorted((a, b) => a - b).slice(0, momentsMax);
  let best: PlannedStart | undefined;
  for (const atMs of moments) {
    if (atMs < (best?.startAtMs ?? Infinity)) {
      const nodes = asleep.filter((node) => (backMs.get(node) ?? Infinity) <= atMs);
      const found = asIfFree(site, nodes, () => startFrom(state, pool, job, atMs));
      // They are back by then, whichever of the nodes it takes.
      const isOnThem =
        toldFromMs !== undefined || found?.nodes.some((node) => backMs.has(node)) === true;
      best =
        found !== undefined && isOnThem && found.startAtMs < (best?.startAtMs ?? Infinity)
          ? found
          : best;
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

/** When a node that sleeps surely works again: whatever begins before it would be on keeps it off. */
function backAtMs({ nowMs, ramps }: EngineState, site: SiteState, node: number): number {
  const leadMs = wakeLeadOf(ramps.get(site.site.id));
  // What is still going off can be turned back only once it is off.
  let recoveredMs = nowMs + (isSleeping(site, node) ? planLeadMs : switchOffMs);
  for (const one of byStart(site)) {
    if (
      toNumber(one.start) < recoveredMs + leadMs + switchOffMs &&
      recoveredAtMs(one) > recoveredMs &&
      isBelow(site, [node], one.domain)
    ) {
      recoveredMs = recoveredAtMs(one);
    }
  }
  return recoveredMs + leadMs;
}

function byStart({ curtailments }: SiteState): readonly Curtailment[] {
  return curtailments.toSorted((a, b) => toNumber(a.start) - toNumber(b.start));
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
