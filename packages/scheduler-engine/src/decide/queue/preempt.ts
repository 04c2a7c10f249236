import { toNumber } from "@ertis/quantities";
import { withLifted } from "../../power/what-if/lifted.ts";
import { stopGraceMs } from "../../limits.ts";
import { answeredByMs } from "../../placement/answered-by.ts";
import { chooseVictims, type Sacrifice } from "../../placement/choose-victims.ts";
import { poolsWithoutPaused, reservationOf } from "../../placement/find.ts";
import { allowedAtMs } from "../../placement/plan-ramp.ts";
import type { PlannedStart } from "../../placement/plan-start.ts";
import { savedAndGoneMs } from "../../power/attempt-ends.ts";
import { curtailedAt } from "../../power/horizons.ts";
import type { Wanted } from "../../placement/room.ts";
import { nextWorkMs, wantedUntil } from "../../placement/wanted.ts";
import { fullHolding, isBlockedThen, quotaBlock } from "../../placement/quota.ts";
import { nextVictimAtMs, Rules, victimsAt } from "../../placement/victims.ts";
import { endsAgainMs } from "../../power/ramp/ramp-lead.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { reservationIn } from "../../state/reservations.ts";
import type { Deciding } from "../deciding.ts";
import {
  orderSqueeze,
  type PlannedSqueeze,
  planSqueezeInstead,
  squeezeInstead,
  startAsSqueezed,
  waitsForCaps,
} from "../caps/squeeze.ts";
import type { KeptStart, SqueezePlan } from "../caps/squeeze-plan.ts";
import { emitReservation } from "../emit-reservation.ts";
import { besideLowered } from "./beside-lowered.ts";
import { promiseSoonerAs } from "./head.ts";
import { isPreempting, isSoon, mayPreempt, mayStandBeside } from "./may-preempt.ts";
import { startWithout } from "./start-without.ts";
import { mayStopInRamp, windDownVictims } from "../ramp/stop-in-ramp.ts";

/**
 * Makes room for a job that does not fit, by stopping others: what a lower class holds, or what was
 * borrowed of its account's guarantee. The nodes are kept for it from then on, so that nobody slips
 * in; one preemption at a time in a pool. Victims save their work where they can and go back to the
 * queue; always whole gangs. Where ramps stand above, they are wound down first. To be asked only where
 * `mayPreempt` says so.
 *
 * @returns whether anybody was asked to stop
 */
export function preemptFor(deciding: Deciding, job: Job): boolean {
  const found = cheapest(deciding, job);
  const without = found && startWithout(deciding.state, job, found);
  if (found === undefined || without !== undefined) {
    if (without !== undefined) {
      promiseSoonerAs(deciding, job, without);
    }
    askAgain(deciding, job);
    return false;
  }
  const { emit, state } = deciding;
  if (squeezeInstead(deciding, job)) {
    return false;
  }
  const victims = found.victims.map(({ attempt }) => attempt);
  if (!mayStopInRamp(state, found.pool.site, victims)) {
    // Nobody is asked before all of them may stop.
    windDownVictims(deciding, found.pool.site, victims);
    state.preemptsAgainAtMs = Math.min(state.preemptsAgainAtMs, state.nowMs + endsAgainMs);
    return false;
  }
  emitReservation(deciding, job, planOf(job, found), true);
  if (found.beside !== undefined) {
    orderSqueeze(deciding, found.pool.site, job, found.beside);
  }
  for (const { job: number, task, attempt: count } of victims) {
    emit({
      kind: "stop-requested",
      attempt: { job: number, task, attempt: count },
      reason: "preemption",
    });
  }
  return true;
}

/** A preemption that was found, and when all victims will have saved and the ramps allow the start. */
export interface Preemption extends Sacrifice {
  readonly startAtMs: number;
  /** Whose caps fall beside it, and that of the start; undefined: nobody's, for a start at full power. */
  readonly beside?: SqueezePlan;
}

function startAfter(state: EngineState, job: Job, found: Sacrifice): number {
  const { nowMs } = state;
  const savedMs = found.victims.map(({ job: { spec } }) => savedAndGoneMs(nowMs, spec));
  const startAtMs = Math.max(nowMs, ...savedMs);
  const goneAtMs = answeredByMs(found.pool.site, nowMs, { ...found, startAtMs });
  const ramps = state.ramps.get(found.pool.site.site.id);
  return ramps === undefined
    ? goneAtMs
    : allowedAtMs(state, ramps, job, { ...found, capWatts: 0, startAtMs: goneAtMs });
}

/** Attempts that are too young now may be stopped later: then a pass looks at everything again. */
function askAgain({ state }: Deciding, job: Job): void {
  const rules = new Rules(state, job).needs(fullHolding(state, job));
  for (const pool of poolsWithoutPaused(state, job)) {
    state.preemptsAgainAtMs = nextVictimAtMs(state, pool.site, rules, state.preemptsAgainAtMs);
  }
}

/**
 * Whom `preemptFor` would stop, or whose caps would fall instead; a dry run that leaves no trace.
 *
 * @param promised the start that is kept for it, or would be before it may stop others
 */
export function planPreemption(
  deciding: Pick<Deciding, "state" | "limits">,
  job: Job,
  promised: KeptStart | undefined = reservationOf(deciding.state, job),
): { readonly stops: Preemption } | { readonly instead: PlannedSqueeze } | undefined {
  const found = isSoon(deciding.state, promised) ? undefined : cheapest(deciding, job, promised);
  if (found === undefined || startWithout(deciding.state, job, found) !== undefined) {
    return undefined;
  }
  const instead = planSqueezeInstead(deciding.state, job, promised);
  if (instead !== undefined) {
    return { instead };
  }
  return waitsForCaps(deciding.state, job) ? undefined : { stops: found };
}

/**
 * The smallest loss of all pools. Nobody stops for a start that is no sooner than the one that is promised
 * already.
 */
function cheapest(
  { state, limits }: Pick<Deciding, "state" | "limits">,
  job: Job,
  promised: KeptStart | undefined = reservationOf(state, job),
): Preemption | undefined {
  if (!mayPreempt(state, job) || quotaBlock(state, job, fullHolding(state, job)) !== undefined) {
    return undefined;
  }
  const pools = poolsWithoutPaused(state, job).filter(
    (pool) => mayStandBeside(state, job, pool) && !isPreempting(state, pool),
  );
  let best: Preemption | undefined;
  const promisedMs = promised?.startAtMs ?? Infinity;
  for (const pool of pools) {
    const own = reservationIn(pool, job.number);
    const need = fullHolding(state, job, pool);
    const victims = victimsAt(state, pool.site, new Rules(state, job).needs(need), limits).filter(
      ({ job: { spec } }) => savedAndGoneMs(state.nowMs, spec) < promisedMs,
    );
    if (victims.length === 0) {
      continue;
    }
    const choose = (wanted: Wanted): Sacrifice | undefined =>
      chooseVictims({ ...wanted, mayUseKept: false }, victims, () =>
        new Rules(state, job).needs(need),
      );
    const found = withLifted(own === undefined ? [] : [own], () => {
      const alone = chooseToEnd(state, job, (untilMs) => choose(wantedUntil(pool, job, untilMs)));
      return alone && (besideLowered(state, job, { alone, kept: promised, choose }) ?? alone);
    });
    if (
      found === undefined ||
      isBelowCurtailmentThen(state, found) ||
      isBlockedThen(state, job, planOf(job, found))
    ) {
      continue;
    }
    if (found.victims.length === 0) {
      return undefined;
    }
    if (found.startAtMs < promisedMs && found.lossGpuMs < (best?.lossGpuMs ?? Infinity)) {
      best = found;
    }
  }
  return best;
}

/** The start that is promised with it: whole, and at full power unless caps fall for it. */
export function planOf(job: Job, { pool, nodes, startAtMs, beside }: Preemption): PlannedStart {
  return startAsSqueezed(pool, job, beside ?? { nodes, capWatts: 0 }, startAtMs);
}

/**
 * Would it come only in a curtailment that has not begun yet? What that leaves it nobody knows now: nobody is promised a
 * start below it, nor stops for one, before it has begun.
 */
function isBelowCurtailmentThen({ nowMs }: EngineState, found: Preemption): boolean {
  const { nodes, pool, startAtMs } = found;
  const { site } = pool;
  const curtailed = curtailedAt(site, startAtMs, nowMs, ({ start }) => toNumber(start) > nowMs);
  return nodes.some((node) => curtailed?.[site.nodeDomain[node] ?? 0] === 1);
}

/** It starts when its victims are gone and ends so much later: it has to leave room for what begins until then, too. */
function chooseToEnd(
  state: EngineState,
  job: Job,
  choose: (endsByMs: number) => Sacrifice | undefined,
): Preemption | undefined {
  const workMs = nextWorkMs(job);
  const found = choose(state.nowMs + workMs);
  if (found === undefined) {
    return undefined;
  }
  const startAtMs = startAfter(state, job, found);
  const isMet = found.pool.site.horizons.some(({ atMs }) => {
    const sinceEndMs = atMs - workMs - stopGraceMs;
    return state.nowMs <= sinceEndMs && sinceEndMs < startAtMs;
  });
  if (!isMet) {
    return { ...found, startAtMs };
  }
  const again = choose(startAtMs + workMs);
  const againAtMs = again === undefined ? Infinity : startAfter(state, job, again);
  return again !== undefined && againAtMs <= startAtMs
    ? { ...again, startAtMs: againAtMs }
    : undefined;
}
