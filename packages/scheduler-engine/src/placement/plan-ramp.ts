import { nextStepAtMs } from "@ertis/power-planning";
import { startSettleMs, stopGraceMs } from "../limits.ts";
import { floorCap } from "../power/shedding/curves.ts";
import { comingRises, stepsOfPromise } from "../power/ramp/ramp-coming.ts";
import { isBeyondRamp, ledgerWith, quietFromMs } from "../power/ramp/ramp-room.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import type { SiteRamps } from "../state/ramps.ts";
import type { Pool } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import { answeredByMs } from "./answered-by.ts";
import { backFromPauseMs } from "./back-from-pause.ts";
import { backFromSleepMs } from "./back-from-sleep.ts";
import { planLeadMs } from "./earliest.ts";
import { type PlannedStart, planStart, startAtMoment, startOf } from "./plan-start.ts";

/** A start that ramps put off is planned anew for the moment that they allow, so often at most. */
const triesMax = 4;

/**
 * The start to keep for a job: as soon as ramps allow it, on nodes that no curtailment to come, nor the one that is
 * announced now, needs off until they have to be back for it, and after those who pause there first.
 */
export function planPromise(
  state: EngineState,
  pool: Pool,
  job: Job,
  announced?: Curtailment,
): PlannedStart | undefined {
  let planned = planStartInRamps(state, pool, job, planLeadMs);
  for (let tries = 0; planned !== undefined && tries < triesMax; tries += 1) {
    const atMs = outOfTheWayMs(state, job, planned, announced);
    if (atMs <= planned.startAtMs) {
      break;
    }
    planned = planStartInRamps(state, pool, job, atMs - state.nowMs);
  }
  return planned;
}

/** From when on neither what sleeps for a curtailment, who pauses for one, nor who is lowered for a ceiling stands in the way of a start. */
export function outOfTheWayMs(
  state: EngineState,
  job: Job,
  planned: PlannedStart,
  announced?: Curtailment,
): number {
  const { pool, capWatts, endsByMs } = planned;
  const { gpusPerNode } = job.spec;
  const more = { gpusPerNode, capWatts, floorCapWatts: floorCap(pool, job.spec) };
  const holdsUntilMs = endsByMs + stopGraceMs;
  return Math.max(
    backFromSleepMs(state, planned, announced),
    backFromPauseMs(state, { ...planned, gpusPerNode, holdsUntilMs, more }),
    answeredByMs(pool.site, state.nowMs, planned),
  );
}

/**
 * The start to keep for a job where ramps may stand above its pool, not sooner than after some time: at a
 * moment at which they allow its
 * step beside all that is written down and all that is promised to others, whole or from its floor cap,
 * whichever is sooner. Later than without ramps, and kept: whoever starts or rises meanwhile leaves it room.
 */
export function planStartInRamps(
  state: EngineState,
  pool: Pool,
  job: Job,
  leastMs: number,
): PlannedStart | undefined {
  const { nowMs } = state;
  const whole = planStart(pool, job, nowMs, leastMs);
  const ramps = state.ramps.get(pool.site.site.id);
  if (ramps === undefined || whole === undefined) {
    return whole;
  }
  const after = (leadMs: number | undefined): number => Math.max(leastMs, leadMs ?? leastMs);
  const allowed = allowedPlan(state, ramps, job, (leadMs) =>
    planStart(pool, job, nowMs, after(leadMs)),
  );
  const floor = floorCap(pool, job.spec);
  const isInVain = allowed !== undefined && isBeyondRamps(ramps, job, allowed);
  const isSoonest = allowed?.startAtMs === whole.startAtMs && !isInVain;
  if (floor === 0 || floor === whole.capWatts || isSoonest) {
    return allowed;
  }
  const bent = { nodeCount: whole.nodes.length, capWatts: floor };
  const staged = allowedPlan(state, ramps, job, (leadMs) =>
    startOf(pool, job, bent, { nowMs, leadMs: after(leadMs) }),
  );
  if (isInVain) {
    return staged ?? allowed;
  }
  const isSooner = (staged?.startAtMs ?? Infinity) < (allowed?.startAtMs ?? Infinity);
  return isSooner ? staged : allowed;
}

/** Larger than ramps ever allow at once: who tolerates a cap starts under one, and is promised no more. */
function isBeyondRamps(
  ramps: SiteRamps,
  job: Job,
  { pool, nodes, capWatts }: Pick<PlannedStart, "pool" | "nodes" | "capWatts">,
): boolean {
  const gang = { nodes, gpusPerNode: job.spec.gpusPerNode, capWatts };
  return [...stepsOfPromise(pool.site, ramps, gang)].some(([domain, scaled]) =>
    isBeyondRamp(ramps, domain, scaled),
  );
}

/** A start at a moment that was planned before, if it still holds. */
export function sameStart(
  state: EngineState,
  pool: Pool,
  job: Job,
  before: { readonly startAtMs: number; readonly nodeCount: number; readonly capWatts: number },
): PlannedStart | undefined {
  const ramps = state.ramps.get(pool.site.site.id);
  const planned = startAtMoment(pool, job, before, state.nowMs);
  return planned === undefined || ramps === undefined || isAllowed(state, ramps, job, planned)
    ? planned
    : undefined;
}

/**
 * The first of the starts that are planned not sooner than a moment which ramps allow. One that others'
 * steps put off again and again is planned for when none of those that are known now is felt any more.
 */
export function allowedPlan(
  state: EngineState,
  ramps: SiteRamps,
  job: Job,
  plan: (leadMs: number | undefined) => PlannedStart | undefined,
): PlannedStart | undefined {
  let planned = plan(undefined);
  for (let tries = 0; planned !== undefined && tries < triesMax; tries += 1) {
    const atMs = allowedAtMs(state, ramps, job, planned);
    if (atMs <= planned.startAtMs) {
      return planned;
    }
    planned = plan(atMs - state.nowMs);
  }
  if (planned === undefined || isAllowed(state, ramps, job, planned)) {
    return planned;
  }
  const quiet = plan(quietAtMs(state, ramps, job, planned.pool) - state.nowMs);
  return quiet !== undefined && isAllowed(state, ramps, job, quiet) ? quiet : undefined;
}

function isAllowed(state: EngineState, ramps: SiteRamps, job: Job, planned: PlannedStart): boolean {
  return allowedAtMs(state, ramps, job, planned) <= planned.startAtMs;
}

/** When no domain of a site feels a step any more that is written down or promised to others. */
function quietAtMs(state: EngineState, ramps: SiteRamps, job: Job, pool: Pool): number {
  const coming = comingRises(state, pool.site, ramps, { job: job.number, untilMs: Infinity });
  let latestMs = state.nowMs;
  for (const domain of ramps.domains) {
    const ledger = ledgerWith(ramps, domain, coming);
    if (ledger !== undefined) {
      latestMs = Math.max(latestMs, quietFromMs(ledger, 1), quietFromMs(ledger, -1));
    }
  }
  return latestMs;
}

/** From when on the ramps above its nodes allow a start, not before the moment that it is planned for. */
export function allowedAtMs(
  state: EngineState,
  ramps: SiteRamps,
  job: Job,
  {
    pool,
    nodes,
    capWatts,
    startAtMs,
  }: Pick<PlannedStart, "pool" | "nodes" | "capWatts" | "startAtMs">,
): number {
  const coming = comingRises(state, pool.site, ramps, { job: job.number, untilMs: Infinity });
  const gang = { nodes, gpusPerNode: job.spec.gpusPerNode, capWatts };
  let latestMs = startAtMs;
  for (const [domain, watts] of stepsOfPromise(pool.site, ramps, gang)) {
    const ledger = ledgerWith(ramps, domain, coming);
    if (ledger === undefined) {
      continue;
    }
    // One that is larger than the ramp ever allows is made when the domain is quiet.
    const atMs =
      nextStepAtMs(ledger, { watts, settleMs: startSettleMs }, startAtMs) ??
      quietFromMs(ledger, watts);
    latestMs = Math.max(latestMs, atMs);
  }
  return latestMs;
}
