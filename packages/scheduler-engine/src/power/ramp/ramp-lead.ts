import { memoryMs } from "@ertis/power-planning";
import type { PlannedPause } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import type { SiteState } from "../../state/site-state.ts";
import { stepsOfEnd } from "./ramp-room.ts";

/** An end is planned so long ahead, or as long as its watts at full power take at the limit. */
const leadMinMs = 180_000;

/** While ends are near they are looked at again so often: what ends early makes room. */
export const endsAgainMs = 5_000;

/**
 * Is an attempt so near to its end that its cap should not rise any more? Its walltime is told as it is over at
 * full power: under the lower caps of a wind-down that end is farther away, and whoever rose because of it would
 * be lowered again, for ever.
 */
export function isWindingDown(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  soonestEndMs: number,
): boolean {
  const ramps = state.ramps.get(site.site.id);
  if (ramps?.yielding.attempts.has(attempt) === true && state.nowMs < ramps.yielding.untilMs) {
    return true;
  }
  const endMs = Math.min(soonestEndMs, plannedEndMs(state, site, attempt));
  return ramps !== undefined && endMs - windDownLeadMs(site, ramps, attempt, endMs) <= state.nowMs;
}

/** The first of the ends that are planned for an attempt: its walltime, a drain's deadline, a pause. */
export function plannedEndMs(state: EngineState, site: SiteState, attempt: Attempt): number {
  let endMs = attempt.endsByMs;
  if (site.drains.size > 0) {
    for (const node of attempt.heldNodes) {
      const drain = site.drains.get(node);
      if (drain !== undefined && drain.thenDo !== "wait" && !drain.isEnforced) {
        endMs = Math.min(endMs, drain.deadlineMs);
      }
    }
  }
  for (const pause of state.curtailments.pauses.get(site.site.id) ?? []) {
    const isOwn = pause.job === attempt.job && (pause.task ?? 0) === attempt.task;
    if (isOwn && (pause.fromMs > state.nowMs || isWaitingToPause(state, pause, attempt))) {
      // One that waits for ramps is stopped at the next look that they allow.
      endMs = Math.min(endMs, Math.max(pause.fromMs, state.nowMs + endsAgainMs));
    }
  }
  return endMs;
}

/** Its time has come, and it is still on: it waits for ramps. */
export function isWaitingToPause(
  { curtailments: { records }, sites, nowMs }: EngineState,
  { curtailment, fromMs, untilMs, nodeCount = 0 }: PlannedPause,
  { placement }: Attempt,
): boolean {
  const isOn =
    curtailment === undefined
      ? sites.get(placement.site)?.isInCurtailment === true
      : records.get(curtailment)?.isOver === false;
  const isShrunk = placement.nodes.length <= nodeCount;
  return !isShrunk && isOn && fromMs <= nowMs && nowMs < untilMs;
}

/** So long before its end the wind-down of an attempt is planned. */
export function windDownLeadMs(
  site: SiteState,
  ramps: SiteRamps,
  attempt: Attempt,
  endMs: number,
): number {
  let lead = 0;
  // Far ones are told apart without a look at their nodes.
  const steps =
    endMs === Infinity
      ? new Map<number, number>()
      : stepsOfEnd(site, ramps, attempt, { capWatts: 0 });
  for (const [domain, watts] of steps) {
    const limit = ramps.budget.ledgers[domain]?.limit;
    if (limit !== undefined) {
      const fallMs = Math.ceil((Math.abs(watts) / limit.watts) * limit.perMs);
      lead = Math.max(lead, memoryMs(limit) + Math.max(leadMinMs, fallMs));
    }
  }
  return lead;
}
