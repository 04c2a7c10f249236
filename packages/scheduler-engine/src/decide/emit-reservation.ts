import { instant } from "@ertis/quantities";
import { reservationOf } from "../placement/find.ts";
import type { PlannedStart } from "../placement/plan-start.ts";
import type { Job } from "../state/job.ts";
import { besideOthers, heldUntil } from "../state/reservations.ts";
import type { Deciding } from "./deciding.ts";

/** Promises a start, in place of the one that is promised, if one is. `isByStops`: others are stopped for it. */
export function emitReservation(
  { state, emit }: Pick<Deciding, "state" | "emit">,
  job: Job,
  { pool, startAtMs, nodes, capWatts, endsByMs }: PlannedStart,
  isByStops = false,
): void {
  if (reservationOf(state, job) !== undefined) {
    emit({ kind: "reservation-dropped", job: job.number });
  }
  emit({
    kind: "reservation-made",
    job: job.number,
    site: pool.site.site.id,
    gpuModel: pool.gpuModel,
    startAt: instant(startAtMs),
    nodes,
    ...(capWatts === 0 ? {} : { capWatts }),
    ...besideOthers(pool, job.number),
    ...heldUntil(job.spec, { startAtMs, endsByMs }),
    ...(isByStops ? { isByStops: true } : {}),
  });
}
