import { toNumber } from "@ertis/quantities";
import type { PausedTask, PlannedPause } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";

/** Early enough to read its checkpoint back by the end of the pause. */
export function returnsAtMs(
  state: EngineState,
  { job, untilMs }: Pick<PlannedPause, "job" | "untilMs">,
): number {
  const checkpoint = state.jobs.get(job)?.spec.checkpoint;
  return untilMs - (checkpoint === undefined ? 0 : toNumber(checkpoint.restore));
}

/** Does a paused task come back before a later moment? Its time is over by then, or what it pauses for. */
export function isBackBy(state: EngineState, paused: PausedTask, atMs: number): boolean {
  const record = state.curtailments.records.get(paused.curtailment ?? "");
  const isOverBy =
    record !== undefined && (record.isOver || toNumber(record.curtailment.end) <= atMs);
  return (
    atMs > state.nowMs && (paused.isReturning || isOverBy || returnsAtMs(state, paused) <= atMs)
  );
}
