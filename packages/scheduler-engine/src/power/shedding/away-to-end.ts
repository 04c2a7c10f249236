import { toNumber } from "@ertis/quantities";
import type { CurtailmentRecord, PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { isBelow, runningRecords } from "./effects.ts";
import { floorsGivenUp } from "./given-up.ts";
import { returnsAtMs } from "./returns-at.ts";
import { pausedMember, type ShedContext } from "./shed-jobs.ts";

/**
 * Does a task pause as long as anything is on above it, and does its tier bear that, so that it misses its nodes no sooner than
 * they are woken anyway? One that is to come back sooner, or may be as soon as there is room, would wait for them to wake.
 */
export function isAwayToEnd(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  paused: PausedTask,
): boolean {
  const { nowMs } = state;
  const job = state.jobs.get(paused.job);
  if (paused.isReturning || paused.isShrinking || job === undefined) {
    return false;
  }
  const above = site.curtailments.filter(
    ({ domain, end }) => nowMs < toNumber(end) && isBelow(site, paused.nodes, domain),
  );
  const backMs = returnsAtMs(state, paused);
  return (
    above.every(({ start, end }) => toNumber(start) <= nowMs && toNumber(end) <= backMs) &&
    isBorne({ state, site, record }, job, paused)
  );
}

/** Does its tier bear that it is paused to the end of a curtailment, or is its floor given up? */
function isBorne(
  context: ShedContext & { readonly record: CurtailmentRecord },
  job: Job,
  paused: PausedTask,
): boolean {
  const { state, site, record } = context;
  const member = pausedMember(context, job, paused);
  if (member === undefined) {
    return false;
  }
  const inForce = [record, ...runningRecords(state, site.site.id)];
  const { lossMsSoFar, tierLossMax } = floorsGivenUp(context, inForce)(member).shed;
  const { start, end } = record.curtailment;
  const restMs = Math.max(0, toNumber(end) - state.nowMs);
  return lossMsSoFar + restMs <= tierLossMax * (toNumber(end) - toNumber(start));
}
