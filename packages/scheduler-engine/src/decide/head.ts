import { instant, toNumber } from "@ertis/quantities";
import { setLifted } from "../apply/power.ts";
import { stopGraceMs } from "../limits.ts";
import { type EarliestStart, earliestStart } from "../placement/earliest.ts";
import { answeringPools, reservationOf } from "../placement/find.ts";
import { type Job, priorityOf } from "../state/job.ts";
import type { Pool } from "../state/site-state.ts";
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
  let best: (EarliestStart & { readonly pool: Pool }) | undefined;
  for (const pool of answeringPools(state, job)) {
    const { reservation } = pool;
    if (reservation !== undefined && priorityOf(job) <= reservation.priority) {
      continue;
    }
    // Planned as if the job it would take the place of had let go already.
    if (reservation !== undefined) {
      setLifted(reservation, true);
    }
    const found = earliestStart(
      pool,
      {
        nodeCount: job.spec.nodeCount,
        gpusPerNode: job.spec.gpusPerNode,
        capWatts: 0,
        floorCapWatts: 0,
        walltimeMs: toNumber(job.spec.walltime),
      },
      state.nowMs,
    );
    if (reservation !== undefined) {
      setLifted(reservation, false);
    }
    if (found !== undefined && (best === undefined || found.startAtMs < best.startAtMs)) {
      best = { pool, ...found };
    }
  }
  if (best === undefined) {
    return false;
  }
  const isTakeover = best.pool.reservation !== undefined;
  deciding.emit({
    kind: "reservation-made",
    job: job.number,
    site: best.pool.site.site.id,
    gpuModel: best.pool.gpuModel,
    startAt: instant(
      own === undefined ? best.startAtMs : Math.max(best.startAtMs, state.nowMs + stopGraceMs),
    ),
    nodes: best.nodes,
  });
  return isTakeover;
}
