import { instant, toNumber } from "@ertis/quantities";
import { setLifted } from "../apply/power.ts";
import { stopGraceMs } from "../limits.ts";
import { poolsWithoutPaused, reservationOf } from "../placement/find.ts";
import { type PlannedStart, planStart } from "../placement/plan-start.ts";
import { type Job, priorityOf } from "../state/job.ts";
import type { Deciding } from "./deciding.ts";

/**
 * Keeps a start for a job that does not fit and heads the queue of a pool. One reservation a pool:
 * it changes hands only when its job starts, or one of a higher class takes its place. One that
 * could not keep its time gets a new one, a stop grace away: what holds it up is overdue already,
 * and asking every second would fill the log.
 *
 * @returns whether it took the place of another job
 */
export function reserveIfHead(deciding: Deciding, job: Job): boolean {
  const { state } = deciding;
  const own = reservationOf(state, job);
  if (own !== undefined) {
    if (own.startAtMs > state.nowMs) {
      return false;
    }
    deciding.emit({ kind: "reservation-dropped", job: job.number });
  }
  let best: PlannedStart | undefined;
  for (const pool of poolsWithoutPaused(state, job)) {
    const { reservation } = pool;
    if (reservation !== undefined && priorityOf(job) <= reservation.priority) {
      continue;
    }
    // Planned as if the job it would take the place of had let go already.
    if (reservation !== undefined) {
      setLifted(reservation, true);
    }
    const found = planStart(pool, job, state.nowMs);
    if (reservation !== undefined) {
      setLifted(reservation, false);
    }
    if (found !== undefined && (best === undefined || isSooner(found, best))) {
      best = found;
    }
  }
  if (best === undefined) {
    return false;
  }
  const isTakeover = best.pool.reservation !== undefined;
  emitReservation(deciding, job, own === undefined ? best : later(best, state.nowMs + stopGraceMs));
  return isTakeover;
}

/** Of two sites: where it is at full power first, else where it is done first. */
function isSooner(one: PlannedStart, other: PlannedStart): boolean {
  return one.capWatts === 0 && other.capWatts === 0
    ? one.startAtMs < other.startAtMs
    : one.endsByMs < other.endsByMs;
}

function later(plan: PlannedStart, leastMs: number): PlannedStart {
  const delayMs = Math.max(0, leastMs - plan.startAtMs);
  return { ...plan, startAtMs: plan.startAtMs + delayMs, endsByMs: plan.endsByMs + delayMs };
}

function emitReservation({ emit }: Deciding, job: Job, plan: PlannedStart): void {
  const { pool, startAtMs, nodes, capWatts, endsByMs } = plan;
  const isOfWalltime = endsByMs - startAtMs === toNumber(job.spec.walltime);
  emit({
    kind: "reservation-made",
    job: job.number,
    site: pool.site.site.id,
    gpuModel: pool.gpuModel,
    startAt: instant(startAtMs),
    nodes,
    ...(capWatts === 0 ? {} : { capWatts }),
    ...(isOfWalltime ? {} : { holdsUntil: instant(endsByMs + stopGraceMs) }),
  });
}
