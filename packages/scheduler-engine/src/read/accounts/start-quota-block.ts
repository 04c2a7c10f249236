import { stopGraceMs } from "../../limits.ts";
import { findStart, reservationOf } from "../../placement/find.ts";
import {
  holdingOfPlacement,
  promiseBlock,
  type QuotaBlock,
  quotaBlock,
  smallestHolding,
} from "../../placement/quota.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { withLifted } from "../../power/what-if/lifted.ts";

/** The account that would hold too much if the job started, whatever else stands in its way. */
export function startQuotaBlock(state: EngineState, job: Job): QuotaBlock | undefined {
  if (state.shares.declared.length === 0) {
    return undefined;
  }
  const block = quotaBlock(state, job, smallestHolding(state, job));
  if (block !== undefined) {
    return block;
  }
  const kept = reservationOf(state, job);
  const start = withLifted(kept === undefined ? [] : [kept], () => findStart(state, job, kept));
  if (start === undefined) {
    return undefined;
  }
  const more = holdingOfPlacement(start.placement, job);
  const span = { fromMs: state.nowMs, untilMs: start.endsByMs + stopGraceMs };
  return (
    quotaBlock(state, job, more) ??
    (kept === undefined ? promiseBlock(state, job, more, span) : undefined)
  );
}
