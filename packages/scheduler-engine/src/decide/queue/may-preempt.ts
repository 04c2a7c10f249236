import { isWithinGuarantee } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { gaveWayMs, preemptsBeforeMs, stopGraceMs } from "../../limits.ts";
import { poolsWithoutPaused, reservationOf } from "../../placement/find.ts";
import type { PlannedStart } from "../../placement/plan-start.ts";
import { fullHolding } from "../../placement/quota.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { type Job, priorityOf } from "../../state/job.ts";
import { findAccount, isSoAbove } from "../../state/shares.ts";
import type { Pool } from "../../state/site-state.ts";
import type { Stoppable } from "../../state/stoppable.ts";
import { isHeldForSqueeze } from "../caps/squeeze-hold.ts";

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
  return (
    (priorityOf(job) > 0 && gaveWayUntilMs(job) <= state.nowMs) || hasOpenGuarantee(state, job)
  );
}

/**
 * Until when a job that was stopped for another stops nobody for its class alone: who was chosen was the cheapest, and
 * others who stop in his place are not. -Infinity: it was not, as far as is remembered.
 */
export function gaveWayUntilMs({ history }: Job): number {
  const stopsMs = history
    .filter(({ stopReason, pausedFor }) => stopReason === "preemption" && pausedFor === undefined)
    .map(({ workAtMs }) => workAtMs + gaveWayMs);
  return Math.max(-Infinity, ...stopsMs);
}

export function isSoon(
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
export function isPreempting(state: EngineState, pool: Pool): boolean {
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
export function mayStandBeside(state: EngineState, job: Job, pool: Pool): boolean {
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
