import { toNumber } from "@ertis/quantities";
import type { PlannedPause } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";

/** Early enough to read its checkpoint back by the end of the pause. */
export function returnsAtMs(
  state: EngineState,
  { job, untilMs }: Pick<PlannedPause, "job" | "untilMs">,
): number {
  const checkpoint = state.jobs.get(job)?.spec.checkpoint;
  return untilMs - (checkpoint === undefined ? 0 : toNumber(checkpoint.restore));
}
