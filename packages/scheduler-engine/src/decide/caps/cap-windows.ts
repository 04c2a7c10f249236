import { lowestCapFor } from "@ertis/power-planning";
import { stopGraceMs } from "../../limits.ts";
import { holdsUntilMs } from "../../power/attempt-ends.ts";
import { workLeftMs } from "../../power/shedding/work.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";

/**
 * The lowest cap at which it still lets go before the next window that counts on it being gone.
 *
 * @param windowsMs when windows begin, in rising order; unsaid, all that are known
 */
export function capBeforeWindow(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  windowsMs: readonly number[] = site.horizons.map(({ atMs }) => atMs),
): number {
  const untilMs = holdsUntilMs(attempt);
  const atMs = windowsMs.find((window) => window >= untilMs);
  const { curve } = attempt;
  if (atMs === undefined || curve === undefined) {
    return 0;
  }
  const { spec } = known(state.jobs.get(attempt.job), "job of an attempt");
  const part = attempt.placement.nodes.length / spec.nodeCount;
  const timeMs = atMs - stopGraceMs - state.nowMs;
  const speedMin = timeMs <= 0 ? 1 : workLeftMs(attempt, state.nowMs) / timeMs / part;
  return lowestCapFor(curve, Math.min(1, speedMin));
}
