import { isWithinGuarantee } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { withLifted } from "../../power/what-if/lifted.ts";
import { preemptsBeforeMs, stopGraceMs } from "../../limits.ts";
import { chooseVictims, type Sacrifice } from "../../placement/choose-victims.ts";
import { poolsWithoutPaused, reservationOf } from "../../placement/find.ts";
import { allowedAtMs } from "../../placement/plan-ramp.ts";
import type { PlannedStart } from "../../placement/plan-start.ts";
import { savedAndGoneMs } from "../../power/attempt-ends.ts";
import { curtailedAt } from "../../power/horizons.ts";
import { nextWorkMs, wantedUntil } from "../../placement/wanted.ts";
import { fullHolding, isBlockedThen, quotaBlock } from "../../placement/quota.ts";
import { nextVictimAtMs, Rules, victimsAt } from "../../placement/victims.ts";
import { endsAgainMs } from "../../power/ramp/ramp-lead.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { type Job, priorityOf } from "../../state/job.ts";
import { findAccount, isSoAbove } from "../../state/shares.ts";
import type { Stoppable } from "../../state/stoppable.ts";
import { reservationIn } from "../../state/reservations.ts";
import type { Pool } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";
import {
  type PlannedSqueeze,
  planSqueezeInstead,
  squeezeInstead,
  waitsForCaps,
} from "../caps/squeeze.ts";
import type { KeptStart } from "../caps/squeeze-plan.ts";
import { isHeldForSqueeze } from "../caps/squeeze-hold.ts";
import { emitReservation } from "../emit-reservation.ts";
import { promiseSoonerAs } from "./head.ts";
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
}

function startAfter(state: EngineState, job: Job, found: Sacrifice): number {
  const goneAtMs = Math.max(
    state.nowMs,
    ...found.victims.map(({ job: { spec } }) => savedAndGoneMs(state.nowMs, spec)),
  );
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
  promised: Pick<PlannedStart, "startAtMs"> | undefined = reservationOf(state, job),
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
    const choose = (untilMs: number): Sacrifice | undefined => {
      const wanted = { ...wantedUntil(pool, job, untilMs), mayUseKept: false };
      const lifted = own === undefined ? [] : [own];
      return withLifted(lifted, () =>
        chooseVictims(wanted, victims, () => new Rules(state, job).needs(need)),
      );
    };
    const found = chooseToEnd(state, job, choose);
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

/** The start that is promised with it: whole and at full power. */
function planOf(job: Job, found: Preemption): PlannedStart {
  return { ...found, capWatts: 0, endsByMs: found.startAtMs + nextWorkMs(job) };
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

/** Is it worth a look at all that may be stopped? Cheap, and often no. */
export function mayPreempt(state: EngineState, job: Job): boolean {
  return (
    poolsWithoutPaused(state, job).some((pool) => (stoppableAt(state, pool)?.size ?? 0) > 0) &&
    isEntitled(state, job)
  );
}

/** Is there a pool where what is promised to others does not keep it from stopping anybody? */
export function mayStandBesideOthers(state: EngineState, job: Job): boolean {
  return poolsWithoutPaused(state, job).some(
    (pool) => (stoppableAt(state, pool)?.size ?? 0) > 0 && mayStandBeside(state, job, pool),
  );
}

function stoppableAt(state: EngineState, pool: Pool): Stoppable | undefined {
  return state.stoppable.get(pool.site.site.id);
}

/** Only who stands above somebody, or has a guarantee open, and is not about to start anyway. */
function isEntitled(state: EngineState, job: Job): boolean {
  if (isSoon(state, reservationOf(state, job)) || areCapsFallingFor(state, job)) {
    return false;
  }
  return priorityOf(job) > 0 || hasOpenGuarantee(state, job);
}

function isSoon(
  { nowMs }: EngineState,
  promised: Pick<PlannedStart, "startAtMs"> | undefined,
): boolean {
  return promised !== undefined && promised.startAtMs - nowMs <= preemptsBeforeMs;
}

/** Others lose speed for it already: nobody loses work before that has turned out to be too little. */
function areCapsFallingFor(state: EngineState, job: Job): boolean {
  return poolsWithoutPaused(state, job).some(
    ({ site }) => site.squeezed?.job === job.number && isHeldForSqueeze(state, site),
  );
}

/** Is this job, whole and at full power as others are stopped for it, within what an account above it is guaranteed? */
export function hasOpenGuarantee(state: EngineState, job: Job): boolean {
  const { shares } = state;
  if (shares.declared.length === 0) {
    return false;
  }
  const need = fullHolding(state, job);
  return isSoAbove(
    shares,
    findAccount(shares, job.owner, job.spec.project),
    ({ held, quota }) => quota !== undefined && isWithinGuarantee(held, need, quota),
  );
}

/** While victims of an earlier preemption still save their work, nobody else is asked to. */
function isPreempting(state: EngineState, pool: Pool): boolean {
  for (const attempt of stoppableAt(state, pool)?.asked() ?? []) {
    if (attempt.phase === "stopping" && attempt.stopReason === "preemption") {
      const checkpoint = state.jobs.get(attempt.job)?.spec.checkpoint;
      const saveMs = checkpoint === undefined ? 0 : toNumber(checkpoint.save);
      if (state.nowMs < attempt.workAtMs + saveMs + 2 * stopGraceMs) {
        return true;
      }
    }
  }
  return false;
}

/**
 * May it be promised what others give up, beside what is promised already? Who is of a higher class, and
 * whose own it is where another would borrow it.
 */
function mayStandBeside(state: EngineState, job: Job, pool: Pool): boolean {
  return pool.reservations.every((one) => {
    if (one.job === job.number || one.priority < priorityOf(job)) {
      return true;
    }
    const holder = state.jobs.get(one.job);
    return (
      one.priority === priorityOf(job) &&
      holder !== undefined &&
      hasOpenGuarantee(state, job) &&
      !hasOpenGuarantee(state, holder)
    );
  });
}
