import { type Instant, instant, toNumber, type Watts, watts } from "@ertis/quantities";
import type { RampLine } from "./allowed-mean.ts";
import { isHeldBack, openAfterMs, openForOthersAfterMs } from "../../power/shedding/count-after.ts";
import { isLastToGiveUp } from "../../power/shedding/given-up.ts";
import { beginsAtMs, type CurtailmentRecord, rampFromWatts } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { forWhom } from "./for-whom.ts";
import { nothingOpen, type OpenLoss, openLosses } from "./open-losses.ts";
import { type StoppedWithin, stoppedWithin } from "./stopped-within.ts";
import { isTierBroken, lateMs } from "../../decide/forecast/broken-tiers.ts";
import { jobOfTaskId, type TaskId, taskOfTaskId } from "../../state/task-id.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { JobNumber } from "../../words/job-spec.ts";

export type CurtailmentPhase = "announced" | "ramping" | "on" | "over" | "cancelled";

export interface CurtailmentView {
  readonly curtailment: Curtailment;
  readonly phase: CurtailmentPhase;
  readonly cancelledBy: string;
  readonly cancelReason: string;
  /** Undefined: it was not. */
  readonly cancelledAt: Instant | undefined;
}

export interface CompliantMinute {
  readonly from: Instant;
  /** Mean draw of the part that was measured; 0 where nothing was. */
  readonly mean: Watts;
  /** What the mean may be: the ramp's line, then the target. */
  readonly allowed: Watts;
  readonly measuredSeconds: number;
  /** It is not over yet, so that its mean is no verdict. */
  readonly isRunning: boolean;
}

export interface JobCompliance {
  readonly job: JobNumber;
  readonly task: number;
  readonly cappedLossSeconds: number;
  readonly pausedSeconds: number;
  readonly lowestCapWatts: number;
  /** To how many nodes it was shrunk; 0: it was not. */
  readonly shrunkNodeCount: number;
  /** Of the curtailment so far, with the time before its start in which caps fell for it, up to its length; never more than all. */
  readonly lossPercent: number;
  /** The part of that for others that had given its floor up, in their time and on the way back from them: its tier is not judged by it. */
  readonly forOthersPercent: number;
  /**
   * Full-speed time lost after the end because of it, until it was back at full speed, or until another one had it that
   * counts it for itself; no part of `lossPercent`.
   */
  readonly afterEndSeconds: number;
  /** It is not back yet. */
  readonly isHeldBack: boolean;
  /** What its tier tolerates. */
  readonly tierPercent: number;
  /** It has lost more of the whole curtailment than that, though its floor was not given up. */
  readonly isTierBroken: boolean;
  /** While it was on, for something else than to save watts; undefined: it was not. */
  readonly stopped: StoppedWithin | undefined;
}

/** What came of a curtailment: for the grid operator, and for the owners of the jobs. */
export interface Compliance {
  readonly view: CurtailmentView;
  readonly minutes: readonly CompliantMinute[];
  /** Of whole minutes. */
  readonly minutesOverCount: number;
  /** Highest mean of a whole minute once the target held, and of one measurement: no less than that of a minute. */
  readonly worstMinute: Watts;
  readonly worstSecond: Watts;
  /** Allowed and not drawn, in the minutes that were measured: what was shed beyond the target. */
  readonly unusedKilowattHours: number;
  readonly jobs: readonly JobCompliance[];
  /** Those that `forOthersPercent` is for. */
  readonly forWhom: readonly string[];
}

const minuteMs = 60_000;
const wattMsPerKilowattHour = 3_600_000_000;

export function listCurtailments(state: EngineState): readonly CurtailmentView[] {
  return [...state.curtailments.records.values()]
    .map((record) => viewOf(state, record))
    .toSorted(
      (a, b) =>
        toNumber(a.curtailment.start) - toNumber(b.curtailment.start) ||
        (a.curtailment.id < b.curtailment.id ? -1 : 1),
    );
}

/** One curtailment; undefined: none of this id is remembered. */
export function curtailmentOf(state: EngineState, id: string): CurtailmentView | undefined {
  const record = state.curtailments.records.get(id);
  return record === undefined ? undefined : viewOf(state, record);
}

function viewOf(state: EngineState, record: CurtailmentRecord): CurtailmentView {
  const { curtailment, cancelled } = record;
  return {
    curtailment,
    phase: phaseOf(state, record),
    cancelledBy: cancelled?.by ?? "",
    cancelReason: cancelled?.reason ?? "",
    cancelledAt: cancelled === undefined ? undefined : instant(cancelled.atMs),
  };
}

function phaseOf(
  state: EngineState,
  { curtailment, cancelled, isOver }: CurtailmentRecord,
): CurtailmentPhase {
  if (cancelled !== undefined) {
    return "cancelled";
  }
  const startMs = toNumber(curtailment.start);
  if (isOver) {
    return "over";
  }
  if (state.nowMs < startMs) {
    return "announced";
  }
  return state.nowMs < startMs + toNumber(curtailment.ramp) ? "ramping" : "on";
}

/** Undefined: no curtailment of this id is remembered. */
export function complianceOf(state: EngineState, id: string): Compliance | undefined {
  const record = state.curtailments.records.get(id);
  if (record === undefined) {
    return undefined;
  }
  const minutes = minutesOf(state, record);
  const jobs = jobsOf(state, record);
  const measured = minutes.filter((one) => one.measuredSeconds > 0);
  const whole = measured.filter((one) => !one.isRunning);
  const held = whole.filter(
    (one) =>
      toNumber(one.from) >= toNumber(record.curtailment.start) + toNumber(record.curtailment.ramp),
  );
  let unused = 0;
  for (const one of measured) {
    const missing = Math.max(0, toNumber(one.allowed) - toNumber(one.mean));
    unused += missing * one.measuredSeconds * 1_000;
  }
  const worstMinute = held.reduce((worst, one) => Math.max(worst, toNumber(one.mean)), 0);
  return {
    view: viewOf(state, record),
    minutes,
    minutesOverCount: whole.filter((one) => one.mean > one.allowed).length,
    worstMinute: watts(worstMinute),
    // A measurement that reaches into the first minute counts in its mean, and for itself it does not.
    worstSecond: watts(Math.max(worstMinute, Math.round(record.worstWatts))),
    unusedKilowattHours: unused / wattMsPerKilowattHour,
    jobs,
    forWhom: forWhom(state, record, jobs),
  };
}

function minutesOf(state: EngineState, record: CurtailmentRecord): readonly CompliantMinute[] {
  const { curtailment, minutes } = record;
  const startMs = toNumber(curtailment.start);
  const isEnded = record.isOver || record.cancelled !== undefined;
  return minutes.map(({ wattMs, measuredMs }, minute) => ({
    from: instant(startMs + minute * minuteMs),
    mean: watts(measuredMs === 0 ? 0 : Math.round(wattMs / measuredMs)),
    allowed: watts(allowedIn(record, minute)),
    measuredSeconds: Math.round(measuredMs / 1_000),
    isRunning: !isEnded && state.nowMs < startMs + (minute + 1) * minuteMs,
  }));
}

/**
 * Mean draw that a curtailment allows in a minute counted from its start: before it what was drawn then, after
 * that the mean of the ramp's line over the minute, then its target.
 */
function allowedIn(line: RampLine, minute: number): number {
  const targetWatts = toNumber(line.curtailment.target);
  const rampMs = toNumber(line.curtailment.ramp);
  const middleMs = (minute + 0.5) * minuteMs;
  const before = rampFromWatts(line);
  if (middleMs < 0) {
    return before;
  }
  if (middleMs >= rampMs) {
    return targetWatts;
  }
  return Math.round(before + (middleMs / rampMs) * (targetWatts - before));
}

function jobsOf(state: EngineState, record: CurtailmentRecord): readonly JobCompliance[] {
  const { curtailment } = record;
  const startMs = toNumber(curtailment.start);
  const untilMs = Math.min(record.cancelled?.atMs ?? state.nowMs, toNumber(curtailment.end));
  // Caps may fall ahead of the start, and what that costs counts: until it is over, so does the time it took.
  const lastedMs = untilMs - Math.min(startMs, beginsAtMs(record));
  const spanMs = Math.max(1, Math.min(lastedMs, toNumber(curtailment.end) - startMs));
  const site = state.sites.get(curtailment.site);
  const isOn = site !== undefined && !record.isOver && beginsAtMs(record) <= state.nowMs;
  const open = isOn ? openLosses(state, site, record) : new Map<TaskId, OpenLoss>();
  return [...new Set([...record.effects.keys(), ...open.keys(), ...record.followed.keys()])]
    .toSorted((a, b) => a - b)
    .map((id) => jobCompliance(state, record, { id, spanMs, open: open.get(id) ?? nothingOpen }));
}

interface TaskNow {
  readonly id: TaskId;
  readonly spanMs: number;
  readonly open: OpenLoss;
}

function jobCompliance(
  state: EngineState,
  record: CurtailmentRecord,
  { id, spanMs, open }: TaskNow,
): JobCompliance {
  const effect = record.effects.get(id);
  const cappedMs = (effect?.cappedLossMs ?? 0) + open.cappedMs;
  const pausedMs = (effect?.pausedMs ?? 0) + open.pausedMs;
  const afterOthersMs = (effect?.forOthersAfterMs ?? 0) + openForOthersAfterMs(state, record, id);
  const job = jobOfTaskId(id);
  const tierPercent = state.jobs.get(job)?.spec.flexibilityTier ?? 0;
  const lostMs = cappedMs + pausedMs;
  const inTimeMs = (effect?.forOthersMs ?? 0) + open.forOthersMs;
  const isOwn = isLastToGiveUp(state, record, tierPercent);
  const othersMs = isOwn ? 0 : Math.min(lostMs, inTimeMs + afterOthersMs);
  return {
    job,
    task: taskOfTaskId(id),
    cappedLossSeconds: Math.round(cappedMs / 1_000),
    pausedSeconds: Math.round(pausedMs / 1_000),
    lowestCapWatts: effect?.lowestCapWatts ?? 0,
    shrunkNodeCount: effect?.shrunkNodeCount ?? 0,
    lossPercent: percentOf(lostMs, spanMs),
    forOthersPercent: percentOf(othersMs, spanMs),
    afterEndSeconds: Math.round(((effect?.afterMs ?? 0) + openAfterMs(state, record, id)) / 1_000),
    isHeldBack: isHeldBack(state, record, id),
    tierPercent,
    isTierBroken: isTierBroken(record.curtailment, tierPercent, lostMs - othersMs - lateMs),
    stopped: stoppedWithin(state, record.curtailment, id),
  };
}

function percentOf(lostMs: number, spanMs: number): number {
  return Math.min(100, Math.round((10_000 * lostMs) / spanMs) / 100);
}
