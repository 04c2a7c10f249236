import { type ComplianceMinute, type ComplianceReport, CurtailmentState } from "@ertis/api";
import { showCount, showDuration, showTimeFrom } from "../output/format.ts";

export function isOver({ drawWatts, targetWatts }: ComplianceMinute): boolean {
  return drawWatts !== undefined && drawWatts > targetWatts;
}

const minuteMs = 60_000;

/** Whole minutes can be judged; of one that still runs only the beginning is known. */
export function isWhole(
  { timeMs }: ComplianceMinute,
  { isFinal }: ComplianceReport,
  nowMs: number,
): boolean {
  return isFinal || timeMs + minuteMs <= nowMs;
}

/** Whether it was kept, as far as that can be told. */
export function showVerdict(
  report: ComplianceReport,
  nowMs: number,
): readonly [tone: "good" | "bad" | "warn", string] {
  const { overMinuteCount, unmeasuredMinuteCount, minutes } = report;
  if (hasNeverBegun(report)) {
    return ["warn", "it was cancelled before it began: there is nothing to keep"];
  }
  const wholeCount = minutes.filter((minute) => isWhole(minute, report, nowMs)).length;
  if (overMinuteCount > 0) {
    const word = overMinuteCount === 1 ? "minute" : "minutes";
    return ["bad", `${showCount(overMinuteCount)} ${word} over the target`];
  }
  const { state, startTimeMs = 0 } = report.curtailment ?? {};
  if (state === CurtailmentState.SCHEDULED) {
    return ["warn", `it begins ${showTimeFrom(startTimeMs, nowMs)}`];
  }
  // Before the first measurement no minute is there.
  const isFirst = minutes.length > 0 || nowMs < startTimeMs + minuteMs;
  if (wholeCount === 0 && isFirst && !report.isFinal) {
    return ["warn", "its first minute still runs: no verdict yet"];
  }
  if (unmeasuredMinuteCount >= wholeCount) {
    return [
      "warn",
      `nothing was measured${report.isFinal ? "" : " so far"}: only bounds are known`,
    ];
  }
  return [
    "good",
    `kept${report.isFinal ? "" : " so far"}: no minute over the target${hardlyMeasured(report, nowMs)}`,
  ];
}

/** So late a measurement that still comes may be. */
const silentMs = 90_000;

function measuredSpan({ curtailment, isFinal }: ComplianceReport, nowMs: number): number {
  const { startTimeMs = 0, endTimeMs = 0, cancelledTimeMs = 0 } = curtailment ?? {};
  const endMs = cancelledTimeMs === 0 ? endTimeMs : Math.min(endTimeMs, cancelledTimeMs);
  return (isFinal ? endMs : Math.min(endMs, nowMs)) - startTimeMs;
}

/** How much of the time so far was measured; empty: all of it, but what may still come. */
export function measuredPart(report: ComplianceReport, nowMs: number): string {
  return report.isFinal
    ? partText(report, measuredSpan(report, nowMs) - 1_000)
    : hardlyMeasured(report, nowMs);
}

/** The same only where so much is missing that what is told of the rest is worth less. */
export function hardlyMeasured(report: ComplianceReport, nowMs: number): string {
  const spanMs = measuredSpan(report, nowMs);
  return partText(report, spanMs - Math.min(silentMs, spanMs / 2));
}

function partText({ measuredMs }: ComplianceReport, leastMs: number): string {
  return measuredMs > leastMs || leastMs <= 0
    ? ""
    : `, in the ${showDuration(measuredMs)} that were measured`;
}

export function hasNeverBegun({ curtailment }: ComplianceReport): boolean {
  const { cancelledTimeMs = 0, startTimeMs = 0 } = curtailment ?? {};
  return cancelledTimeMs > 0 && cancelledTimeMs <= startTimeMs;
}
