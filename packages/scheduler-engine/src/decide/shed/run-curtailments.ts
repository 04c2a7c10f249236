import { toNumber } from "@ertis/quantities";
import { isRelated } from "../../power/shedding/planned-group.ts";
import { leadMoments } from "../../power/promised-leads.ts";
import { nextWakeMs } from "../../power/promised-wakes.ts";
import { returnsAtMs } from "../../power/shedding/returns-at.ts";
import { fallingAsleep } from "../../power/falling-asleep.ts";
import { known } from "../../state/assert.ts";
import { beginsAtMs, type CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { Deciding } from "../deciding.ts";
import { resumeDue, startPauses } from "./pauses.ts";
import { lowerAtBegin } from "../caps/lower-at-begin.ts";
import { planAtMs } from "./plan-at.ts";
import { isAskedAlready } from "./asked-already.ts";
import { isHeldAtFloors } from "./held-at-floors.ts";
import { planAhead } from "./plan-ahead.ts";
import type { Widening } from "./plan-kept.ts";
import { growBack, growMoments } from "../queue/grow-back.ts";
import { nextStopMs } from "../ramp/stop-in-ramp.ts";
import { nextSleepMs, sleepInStages } from "../nodes/sleep-nodes.ts";
import { unwokenMoments } from "../nodes/unwoken-nodes.ts";
import { wakeNodes } from "../nodes/wake-nodes.ts";

/** Records of curtailments that are over stay in memory so long. */
const recordAgeMs = 31 * 86_400_000;

/** What falls due for curtailments by the passing of time. */
export function runCurtailments(deciding: Deciding): void {
  const { state, emit } = deciding;
  const { records } = state.curtailments;
  const ended = [...records.values()].filter(
    (one) => !one.isOver && toNumber(one.curtailment.end) <= state.nowMs,
  );
  if (ended.length > 0) {
    emit({ kind: "curtailment-ended", ids: ended.map((one) => one.curtailment.id) });
  }
  for (const record of ended) {
    planRest(deciding, record);
  }
  const old = [...records.values()]
    .filter((one) => one.isOver && toNumber(one.curtailment.end) + recordAgeMs <= state.nowMs)
    .map((one) => one.curtailment.id);
  if (old.length > 0) {
    emit({ kind: "curtailments-forgotten", ids: old });
  }
  for (const record of records.values()) {
    const site = state.sites.get(record.curtailment.site);
    if (site !== undefined && isPlanDue(state, record)) {
      planAhead(deciding, site, record, wideningAtFirst(state, site, record));
    }
  }
  resumeDue(deciding);
  for (const site of state.sites.values()) {
    startPauses(deciding, site);
    lowerAtBegin(deciding, site);
    sleepInStages(deciding, site);
    wakeNodes(deciding, site);
  }
  growBack(deciding);
}

/** A planned one begins its checkpoints before its start: it is planned a little earlier still. */
function isPlanDue(state: EngineState, record: CurtailmentRecord): boolean {
  const { mode } = record.curtailment;
  return (
    mode === "planned" &&
    !record.isOver &&
    !record.isPlanned &&
    planAtMs(state, record) <= state.nowMs
  );
}

/** After the end of one of several that were planned together: the others are planned without it. */
export function planRest(deciding: Deciding, over: CurtailmentRecord): void {
  const { state } = deciding;
  const site = state.sites.get(over.curtailment.site);
  for (const record of state.curtailments.records.values()) {
    const isLeft = record.isPlanned && !record.isOver && record.plannedAtMs < state.nowMs;
    if (
      site !== undefined &&
      isLeft &&
      record.curtailment.site === site.site.id &&
      isRelated(site, record, over)
    ) {
      // What goes on as it does holds: curves of whom no steering knows by now may say that it does not.
      planAhead(deciding, site, record, isHeldAtFloors(state, site, record) ? "none" : "any");
    }
  }
}

/**
 * Another one is announced that begins in the time of some whose pauses are decided: they are decided again, so
 * that what jobs may lose lasts for it, too; where its own are to be decided by now, all together, and once: nobody
 * is to stop for what the plan of the next moment does without.
 */
export function planBefore(deciding: Deciding, next: Curtailment): void {
  const { state } = deciding;
  const site = known(state.sites.get(next.site), "site of a curtailment");
  const record = known(state.curtailments.records.get(next.id), "record of a curtailment");
  if (isPlanDue(state, record)) {
    planAhead(deciding, site, record, wideningAtFirst(state, site, record));
    return;
  }
  for (const one of state.curtailments.records.values()) {
    const { start, end, mode } = one.curtailment;
    const isBefore = start < next.start && next.start < end && one.curtailment.site === next.site;
    const isPlanned = one.isPlanned && !one.isOver && one.plannedAtMs < state.nowMs;
    if (isBefore && isPlanned && mode === "planned" && isRelated(site, one, record)) {
      planAhead(deciding, site, one, "none");
    }
  }
}

function wideningAtFirst(state: EngineState, site: SiteState, record: CurtailmentRecord): Widening {
  return isAskedAlready(state, site, record) ? "none" : "any";
}

/** When nodes of promised starts are to be woken, and when those that were going off surely are. */
function* wakesToCome({ nowMs }: EngineState, site: SiteState): Generator<number, void, void> {
  const atMs = nextWakeMs(site, nowMs);
  if (atMs < Infinity) {
    yield atMs;
    for (const { offByMs } of fallingAsleep(site, nowMs)) {
      yield offByMs;
    }
  }
}

/** When `runCurtailments` has something to do next. */
export function* curtailmentMoments(state: EngineState): Generator<number, void, void> {
  for (const record of state.curtailments.records.values()) {
    if (!record.isOver) {
      yield toNumber(record.curtailment.end);
      if (record.curtailment.mode === "planned" && beginsAtMs(record) > state.nowMs) {
        yield beginsAtMs(record);
      }
      if (record.curtailment.mode === "planned" && !record.isPlanned) {
        yield planAtMs(state, record);
      }
    } else {
      yield toNumber(record.curtailment.end) + recordAgeMs;
    }
  }
  yield* growMoments(state);
  for (const paused of state.curtailments.paused.values()) {
    if (!paused.isReturning) {
      yield returnsAtMs(state, paused);
    }
  }
  for (const pauses of state.curtailments.pauses.values()) {
    for (const { fromMs } of pauses) {
      if (fromMs > state.nowMs) {
        yield fromMs;
      }
    }
  }
  for (const [id, ramps] of state.ramps) {
    const site = known(state.sites.get(id), "site of ramps");
    const nextMs = Math.min(nextSleepMs(state, site, ramps), nextStopMs(state, site, ramps));
    if (nextMs < Infinity) {
      yield nextMs;
    }
  }
  for (const site of state.sites.values()) {
    if (site.recheckAtMs !== undefined) {
      yield site.recheckAtMs;
    }
    if (site.wakesAgainAtMs < Infinity) {
      yield site.wakesAgainAtMs;
    }
    yield* wakesToCome(state, site);
    yield* unwokenMoments(site, state.nowMs);
    yield* leadMoments(site, state.nowMs).filter((atMs) => atMs > state.nowMs);
  }
}
