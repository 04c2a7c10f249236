import { toNumber } from "@ertis/quantities";
import { type CurtailmentRecord, leadMsOf } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";

/** When the pauses of a planned curtailment are decided: as late as checkpoints and ramps allow. */
export function planAtMs(state: EngineState, record: CurtailmentRecord): number {
  let saveMs = 0;
  for (const attempt of state.sites.get(record.curtailment.site)?.attempts ?? []) {
    const checkpoint = state.jobs.get(attempt.job)?.spec.checkpoint;
    saveMs = Math.max(saveMs, checkpoint === undefined ? 0 : toNumber(checkpoint.save));
  }
  // Gangs that pause are wound down before they stop.
  const fallMs = Math.max(leadMsOf(record), record.fallMs);
  return toNumber(record.curtailment.start) - fallMs - Math.max(saveMs, record.sleepMs);
}

/** So long before its start it is decided who does what: an emergency is not prepared for. */
export function preparedMs(
  state: EngineState,
  record: CurtailmentRecord,
  untilStartMs: number,
): number {
  const { mode, start } = record.curtailment;
  return mode === "emergency"
    ? 0
    : Math.min(untilStartMs, toNumber(start) - planAtMs(state, record));
}
