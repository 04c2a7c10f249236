import { toNumber } from "@ertis/quantities";
import type { CurtailmentRecord, PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { countAfter } from "./count-after.ts";
import { effectOf, isHeldBy, isPausedBelow, lossMs, lossOpen, runningRecords } from "./effects.ts";
import { openForOthersMs, pausedForOthersMs } from "./given-up.ts";

/**
 * Counts what an attempt has lost to every curtailment over it up to now. Called before its speed
 * changes and when it ends, so that between two calls its speed is even.
 */
export function countLoss(state: EngineState, site: SiteState, attempt: Attempt): void {
  countAfter(state, attempt);
  for (const record of runningRecords(state, site.site.id)) {
    if (isHeldBy(site, record, attempt)) {
      count(state, site, record, attempt);
    }
  }
}

export function count(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  attempt: Attempt,
): void {
  const untilMs = Math.min(state.nowMs, toNumber(record.curtailment.end));
  const open = lossOpen(state, record, attempt);
  const forOthers = openForOthersMs(state, site, record, attempt);
  record.countedLossMs.set(taskIdOf(attempt), lossMs(state, record, attempt, untilMs));
  if (open === 0) {
    return;
  }
  const effect = effectOf(record, taskIdOf(attempt));
  effect.cappedLossMs += open;
  if (forOthers > 0) {
    effect.forOthersMs = (effect.forOthersMs ?? 0) + forOthers;
  }
  if (attempt.capWatts !== 0) {
    const before = effect.lowestCapWatts;
    effect.lowestCapWatts = before === 0 ? attempt.capWatts : Math.min(before, attempt.capWatts);
  }
}

/** Counts a pause that ends now, or goes on when a curtailment does not. */
export function countPause(
  state: EngineState,
  site: SiteState,
  paused: PausedTask,
  restoreMs: number = 0,
): void {
  for (const record of runningRecords(state, paused.site)) {
    if (isPausedBelow(site, paused, record.curtailment)) {
      countPauseFor(state, site, record, { paused, untilMs: state.nowMs + restoreMs });
    }
  }
}

export function countPauseFor(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  pause: { readonly paused: PausedTask; readonly untilMs: number },
): void {
  const { paused } = pause;
  const fromMs = Math.max(paused.fromMs, toNumber(record.curtailment.start));
  const untilMs = Math.min(pause.untilMs, toNumber(record.curtailment.end));
  const effect = effectOf(record, taskIdOf(paused));
  effect.pausedMs += Math.max(0, untilMs - fromMs);
  const forOthers = pausedForOthersMs({ state, site, record }, paused, { fromMs, untilMs });
  if (forOthers > 0) {
    effect.forOthersMs = (effect.forOthersMs ?? 0) + forOthers;
  }
}

/** The next attempt of the task begins to count at nothing. */
export function forgetCounted(state: EngineState, attempt: Attempt): void {
  for (const record of runningRecords(state, attempt.placement.site)) {
    record.countedLossMs.delete(taskIdOf(attempt));
  }
}
