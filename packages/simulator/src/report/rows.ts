import type { Outcome } from "./outcome.ts";
import { estimateRows } from "./estimate-rows.ts";
import { rampRow } from "./ramp-row.ts";
import type { Row } from "./row.ts";
import type { Spread } from "../record/figures.ts";
import {
  countText,
  noneText,
  numberText,
  percentAboveText,
  percentText,
  secondsText,
  wattsText,
} from "../words/words.ts";

export interface RowGroup {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** The figures of a run in the order in which people ask for them. */
export function rowsOf(outcome: Outcome): readonly RowGroup[] {
  return [
    { title: "Promises", rows: promiseRows(outcome) },
    { title: "Estimates", rows: estimateRows(outcome) },
    { title: "Jobs", rows: jobRows(outcome) },
    { title: "Power", rows: powerRows(outcome) },
  ];
}

function promiseRows(outcome: Outcome): readonly Row[] {
  const { violationCount, promises, refusedCount, floors } = outcome;
  const { promisedCount, keptCount, brokenCount, excusedCount, openCount } = promises;
  return [
    {
      name: "violations",
      text: countText(violationCount),
      value: violationCount,
      better: "lower",
      isBad: violationCount > 0,
    },
    {
      name: "promised starts kept",
      text: `${countText(keptCount)} of ${countText(promisedCount)}${excusedCount > 0 ? `, ${countText(excusedCount)} late after a failure or a cut` : ""}${brokenCount > 0 ? `, ${countText(brokenCount)} broken` : ""}${openCount > 0 ? `, ${countText(openCount)} still to come when the run ended` : ""}`,
      isBad: brokenCount > 0,
    },
    {
      name: "kept starts came earlier by",
      text: keptCount === 0 ? "none" : `${secondsText(promises.meanEarlyMs / 1_000)} on average`,
    },
    { name: "curtailment targets", text: targetsText(outcome) },
    {
      name: "curtailed jobs within their tier",
      text: floorsText(floors),
      isBad: floors.brokenCount > 0,
    },
    { name: "lost supplies", text: suppliesText(outcome) },
    {
      name: "refused requests",
      text: countText(refusedCount),
      isBad: refusedCount > 0,
    },
  ];
}

function jobRows({ jobs, gpuHours }: Outcome): readonly Row[] {
  const failures = Object.entries(jobs.failedByCategory).map(
    ([category, count]) => `${count} ${category}`,
  );
  return [
    {
      name: "jobs",
      text: `${countText(jobs.submittedCount)}, ${countText(jobs.succeededCount)} succeeded, ${countText(jobs.failedCount)} failed${failures.length > 0 ? ` (${failures.join(", ")})` : ""}, ${countText(jobs.unfinishedCount)} unfinished`,
    },
    {
      name: "wait, mean and p95",
      ...spreadOf(jobs, jobs.waitSeconds, secondsText),
    },
    {
      name: "bounded slowdown (10 s), mean and p95",
      ...spreadOf(jobs, jobs.slowdown10s, numberText),
    },
    {
      name: "bounded slowdown (600 s), mean and p95",
      ...spreadOf(jobs, jobs.slowdown600s, numberText),
    },
    {
      name: "runs longer than at full speed by",
      ...(jobs.succeededCount === 0
        ? { text: noneText }
        : {
            text: `${percentText(jobs.stretch.mean)} on average`,
            value: jobs.stretch.mean,
            better: "lower",
          }),
    },
    {
      name: "capped, shrunk, run again",
      text: `${countText(jobs.cappedCount)}, ${countText(jobs.shrunkCount)}, ${countText(jobs.retriedCount)} jobs`,
    },
    {
      name: "GPU-hours done at full speed",
      text: `${numberText(gpuHours.kept)}, and ${numberText(gpuHours.wasted)} lost`,
      value: gpuHours.kept,
      better: "higher",
    },
  ];
}

/**
 * Of nobody there is no mean: 0 would be the best there is. Who has not ended counts nowhere, however long it waited: that
 * is said, for a run that is cut short looks better by it.
 */
function spreadOf(
  { endedCount, unfinishedCount }: Outcome["jobs"],
  { mean, p95 }: Spread,
  show: (value: number) => string,
): Omit<Row, "name"> {
  const ofWhom = unfinishedCount === 0 ? "" : ` of the ${countText(endedCount)} that ended`;
  return endedCount === 0
    ? { text: noneText }
    : { text: `${show(mean)}, ${show(p95)}${ofWhom}`, value: mean, better: "lower" };
}

function powerRows(outcome: Outcome): readonly Row[] {
  const { energyMegawattHours, gpuHours, budgetUsed, domains } = outcome;
  const fullest = domains.toSorted((a, b) => b.peakShare - a.peakShare)[0];
  const perMegawattHour = energyMegawattHours === 0 ? 0 : gpuHours.kept / energyMegawattHours;
  return [
    {
      name: "energy at the feed",
      text: `${numberText(energyMegawattHours)} MWh`,
      value: energyMegawattHours,
    },
    {
      name: "drawn of what was allowed",
      text: percentText(budgetUsed),
      value: budgetUsed,
    },
    {
      name: "GPU-hours at full speed a MWh",
      text: numberText(perMegawattHour),
      value: perMegawattHour,
      better: "higher",
    },
    ...outcome.ramps.map(rampRow),
    {
      name: "highest bound beside its limit",
      text:
        fullest === undefined
          ? ""
          : `${percentText(fullest.peakShare)} of ${wattsText(fullest.limitWatts)} at ${fullest.id}`,
    },
  ];
}

function targetsText({ curtailments }: Outcome): string {
  const held = curtailments.filter(({ minuteCount }) => minuteCount > 0);
  if (held.length === 0) {
    return "none";
  }
  const sum = (of: (one: Outcome["curtailments"][number]) => number): number =>
    held.reduce((total, one) => total + of(one), 0);
  const minutes = sum(({ minuteCount }) => minuteCount);
  const used = sum(({ usedPart, minuteCount }) => usedPart * minuteCount) / minutes;
  const over = sum(({ overCount }) => overCount);
  // Of a target of 0 W nothing is a part.
  const parts = held
    .filter(({ targetWatts }) => targetWatts > 0)
    .map(({ worstMinuteWatts, targetWatts }) => worstMinuteWatts / targetWatts);
  const worst = Math.max(...parts);
  const worstText = over > 0 ? percentAboveText(worst) : percentText(worst);
  return `${countText(held.length)}: ${percentText(used)} drawn of them, ${countText(over)} of ${countText(minutes)} minutes above${parts.length > 0 ? `, the worst at ${worstText}` : ""}${emergencyText(held)}`;
}

/** A minute of an emergency that is above breaks no promise: else nobody would know why it is no violation. */
function emergencyText(held: Outcome["curtailments"]): string {
  const over = held
    .filter(({ mode }) => mode === "emergency")
    .reduce((total, { overCount }) => total + overCount, 0);
  return over === 0
    ? ""
    : `; ${countText(over)} in emergencies, which promise no minutes: bounds fall as caps are obeyed, checkpoints written and nodes go off, and nothing grows meanwhile`;
}

function floorsText(floors: Outcome["floors"]): string {
  const { touchedCount, brokenCount, givenUpCount, forcedCount } = floors;
  if (touchedCount === 0) {
    return "none lost speed to a curtailment";
  }
  const kept = touchedCount - brokenCount - givenUpCount - forcedCount;
  const givenUp =
    givenUpCount === 0 ? "" : `, ${countText(givenUpCount)} of tiers given up by name`;
  const forced =
    forcedCount === 0
      ? ""
      : `, ${countText(forcedCount)} beyond it for what came between: a failure, a lost supply, another order`;
  return `${countText(kept)} of ${countText(touchedCount)}${givenUp}${forced}`;
}

function suppliesText({ lostSupplies }: Outcome): string {
  if (lostSupplies.length === 0) {
    return "none";
  }
  const slowestMs = Math.max(
    ...lostSupplies.map(({ boundedAfterMs = Infinity }) => boundedAfterMs),
  );
  const overMs = lostSupplies.reduce((sum, { drawnOverMs }) => sum + drawnOverMs, 0);
  const overWatts = Math.max(...lostSupplies.map(({ drawnOverWatts }) => drawnOverWatts));
  const after = slowestMs === 0 ? "at once" : `after ${secondsText(slowestMs / 1_000)} at most`;
  const bounded = Number.isFinite(slowestMs)
    ? `what could be drawn was within what was left ${after}`
    : "what could be drawn was never within what was left";
  const drawn =
    overMs === 0
      ? "no more than that was drawn"
      : `up to ${wattsText(overWatts)} more was drawn for ${secondsText(overMs / 1_000)}`;
  return `${countText(lostSupplies.length)}: ${bounded}, ${drawn}`;
}
