import { isBelow, isPausedBelow } from "../../power/shedding/effects.ts";
import { beginsAtMs } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";

/** Tasks that a curtailment finds held: who cancels it wants to know whether anything comes back. */
export interface HeldBelow {
  readonly cappedCount: number;
  readonly pausedCount: number;
}

/** Nobody, where it has not begun to lower caps and paused nobody. What else holds them is not told apart. */
export function heldBelow(state: EngineState, id: string): HeldBelow {
  const { records, paused } = state.curtailments;
  const record = records.get(id);
  const site = record && state.sites.get(record.curtailment.site);
  if (record === undefined || site === undefined) {
    return { cappedCount: 0, pausedCount: 0 };
  }
  const { curtailment } = record;
  const hasBegun = beginsAtMs(record) <= state.nowMs;
  const capped = [...site.attempts].filter(
    ({ phase, capWatts, placement }) =>
      hasBegun &&
      phase !== "exited" &&
      capWatts > 0 &&
      isBelow(site, placement.nodes, curtailment.domain),
  );
  const away = [...paused.values()].filter(
    (one) => (hasBegun || one.curtailment === id) && isPausedBelow(site, one, curtailment),
  );
  return {
    cappedCount: capped.length,
    pausedCount: away.length,
  };
}
