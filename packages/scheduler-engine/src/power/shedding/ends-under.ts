import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { RaiseWindows } from "../raise-windows.ts";
import { gangSpeed } from "./curves.ts";
import { plannedReturnWatts } from "./beside-waiting.ts";
import { besideReturn } from "./beside-returns.ts";
import { endAt, workLeftMs } from "./work.ts";

/** When an attempt would end under another cap from now on. */
export function endsByUnder(state: EngineState, attempt: Attempt, capWatts: number): number {
  const { spec } = known(state.jobs.get(attempt.job), "job of an attempt");
  const gang = { capWatts, nodeCount: attempt.placement.nodes.length };
  const speed = gangSpeed(attempt.curve, gang, spec.nodeCount);
  const left = workLeftMs(attempt, state.nowMs);
  // One that is overdue ends when it would have.
  return left === 0 ? attempt.endsByMs : endAt(state.nowMs, left, speed);
}

/** The moments to come as raises see them, for one pass over caps. */
export function raiseWindows(state: EngineState, site: SiteState): RaiseWindows {
  const paused = plannedReturnWatts(state, site);
  return new RaiseWindows(site, {
    endUnder: (attempt, capWatts) => endsByUnder(state, attempt, capWatts),
    withoutKept: (horizon) => paused.besideOne(besideReturn(state, site, horizon)),
  });
}
