import { steered } from "../../power/shedding/steer-input.ts";
import { staleAfterMs } from "../../power/stale-meters.ts";
import { beginsAtMs, type CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { Deciding } from "../deciding.ts";
import { capNow } from "./cap-orders.ts";
import { orderWithinRamp } from "./ramp-caps.ts";

/**
 * With a planned curtailment the caps fall that the last measurement before it asked for: the first one in it comes
 * seconds later. What may rise waits for that.
 */
export function lowerAtBegin(deciding: Deciding, site: SiteState): void {
  const { state } = deciding;
  for (const record of state.curtailments.records.values()) {
    const { caps = [] } = record.steered ?? {};
    if (caps.length === 0 || !hasJustBegun(state, site, record)) {
      continue;
    }
    const asked = new Map(caps.map(({ id, capWatts }) => [id, Math.floor(capWatts)]));
    for (const attempt of steered(site, record)) {
      const capWatts = asked.get(taskIdOf(attempt)) ?? Infinity;
      if (capWatts < capNow(site, attempt)) {
        orderWithinRamp(deciding, site, attempt, capWatts);
      }
    }
  }
}

/** It was measured before, and not since. */
function hasJustBegun(state: EngineState, { site }: SiteState, record: CurtailmentRecord): boolean {
  const { curtailment, isOver, steered: step } = record;
  const beginsMs = beginsAtMs(record);
  return (
    curtailment.site === site.id &&
    !isOver &&
    beginsMs <= state.nowMs &&
    step !== undefined &&
    step.atMs < beginsMs &&
    state.nowMs - step.atMs < staleAfterMs
  );
}
