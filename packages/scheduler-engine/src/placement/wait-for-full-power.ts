import { floorCap } from "../power/shedding/curves.ts";
import type { EngineState } from "../state/engine-state.ts";
import { type Job, priorityOf } from "../state/job.ts";
import { mayReserve } from "../state/reservations.ts";
import { wakeLeadOf } from "../state/ramps.ts";
import type { Pool } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import { startsBefore } from "./earliest.ts";
import { isBehindPaused } from "./kept-for-returns.ts";
import { outOfTheWayMs } from "./plan-ramp.ts";
import type { PlannedStart } from "./plan-start.ts";
import { startOnSleepers } from "./start-on-sleepers.ts";
import { nextWorkMs } from "./wanted.ts";

/**
 * Would a job be done sooner in a pool if it waited for full power: on nodes that are on, or with those that sleep and
 * come back by themselves, where it may be promised that? The latter are asked last, and not where none can be up in
 * time: it is dear to look at a site as if they were on.
 */
export function isSoonerByWaiting(
  state: EngineState,
  pool: Pool,
  job: Job,
  endsByMs: number,
): boolean {
  const { nowMs } = state;
  const { nodeCount, gpusPerNode } = job.spec;
  const workMs = nextWorkMs(job);
  const gang = { nodeCount, gpusPerNode, walltimeMs: workMs, capWatts: 0, mayUseKept: true };
  const beforeMs = endsByMs - workMs;
  return (
    startsBefore(pool, { ...gang, floorCapWatts: floorCap(pool, job.spec) }, nowMs, beforeMs) ||
    isWholeOnSleepersBefore(state, pool, job, beforeMs)
  );
}

function isWholeOnSleepersBefore(
  state: EngineState,
  pool: Pool,
  job: Job,
  beforeMs: number,
): boolean {
  const { site } = pool;
  const isAsked =
    state.nowMs + wakeLeadOf(state.ramps.get(site.site.id)) < beforeMs &&
    mayReserve(pool, job.number, priorityOf(job)) &&
    !isBehindPaused(state, site, job);
  const found = isAsked ? promiseOnSleepers(state, pool, job) : undefined;
  return found !== undefined && !isBent(found, job) && found.startAtMs < beforeMs;
}

/**
 * The start to keep for a job with nodes that sleep and are back by then, where nothing else is in its way, nor a
 * curtailment that is announced now.
 */
export function promiseOnSleepers(
  state: EngineState,
  pool: Pool,
  job: Job,
  announced?: Curtailment,
): PlannedStart | undefined {
  const found = startOnSleepers(state, pool, job);
  return found !== undefined && outOfTheWayMs(state, job, found, announced) <= found.startAtMs
    ? found
    : undefined;
}

/** Is it capped, or on fewer nodes than the job would like? */
export function isBent(
  { capWatts, nodes }: Pick<PlannedStart, "capWatts" | "nodes">,
  { spec }: Job,
): boolean {
  return capWatts !== 0 || nodes.length < spec.nodeCount;
}
