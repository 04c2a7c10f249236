import type { Outcome } from "./outcome.ts";
import { numberText, percentText, secondsText, wattsText } from "./words.ts";

/** One figure of a run, as text and, where two runs can be compared by it, as a number. */
export interface Row {
  readonly name: string;
  readonly text: string;
  readonly value?: number;
  /** Which way is better; absent: neither. */
  readonly better?: "lower" | "higher";
  /** The row is bad news by itself. */
  readonly isBad?: boolean;
}

export interface RowGroup {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** The figures of a run in the order in which people ask for them. */
export function rowsOf(outcome: Outcome): readonly RowGroup[] {
  return [
    { title: "Promises", rows: promiseRows(outcome) },
    { title: "Jobs", rows: jobRows(outcome) },
    { title: "Power", rows: powerRows(outcome) },
  ];
}

function promiseRows({ violationCount, promises, refusedCount }: Outcome): readonly Row[] {
  const { promisedCount, keptCount, brokenCount, excusedCount, openCount } = promises;
  return [
    {
      name: "violations",
      text: numberOf(violationCount),
      value: violationCount,
      better: "lower",
      isBad: violationCount > 0,
    },
    {
      name: "promised starts kept",
      text: `${numberOf(keptCount)} of ${numberOf(promisedCount)}${excusedCount > 0 ? `, ${numberOf(excusedCount)} late after a failure or a cut` : ""}${brokenCount > 0 ? `, ${numberOf(brokenCount)} broken` : ""}${openCount > 0 ? `, ${numberOf(openCount)} still to come when the run ended` : ""}`,
      isBad: brokenCount > 0,
    },
    {
      name: "kept starts came earlier by",
      text: `${secondsText(promises.meanEarlyMs / 1_000)} on average`,
    },
    {
      name: "refused requests",
      text: numberOf(refusedCount),
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
      text: `${numberOf(jobs.submittedCount)}, ${numberOf(jobs.succeededCount)} succeeded, ${numberOf(jobs.failedCount)} failed${failures.length > 0 ? ` (${failures.join(", ")})` : ""}, ${numberOf(jobs.unfinishedCount)} unfinished`,
    },
    {
      name: "wait, mean and p95",
      text: `${secondsText(jobs.waitSeconds.mean)}, ${secondsText(jobs.waitSeconds.p95)}`,
      value: jobs.waitSeconds.mean,
      better: "lower",
    },
    {
      name: "bounded slowdown (10 s), mean and p95",
      text: `${numberText(jobs.slowdown10s.mean)}, ${numberText(jobs.slowdown10s.p95)}`,
      value: jobs.slowdown10s.mean,
      better: "lower",
    },
    {
      name: "bounded slowdown (600 s), mean and p95",
      text: `${numberText(jobs.slowdown600s.mean)}, ${numberText(jobs.slowdown600s.p95)}`,
      value: jobs.slowdown600s.mean,
      better: "lower",
    },
    {
      name: "runs longer than at full speed by",
      text: `${percentText(jobs.stretch.mean)} on average`,
      value: jobs.stretch.mean,
      better: "lower",
    },
    {
      name: "capped, shrunk, run again",
      text: `${numberOf(jobs.cappedCount)}, ${numberOf(jobs.shrunkCount)}, ${numberOf(jobs.retriedCount)} jobs`,
    },
    {
      name: "GPU-hours done at full speed",
      text: `${numberText(gpuHours.kept)}, and ${numberText(gpuHours.wasted)} lost`,
      value: gpuHours.kept,
      better: "higher",
    },
  ];
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
      better: "higher",
    },
    {
      name: "GPU-hours at full speed a MWh",
      text: numberText(perMegawattHour),
      value: perMegawattHour,
      better: "higher",
    },
    {
      name: "steepest ramp at the feed",
      text: `+${wattsText(outcome.rampWatts.up)} and −${wattsText(outcome.rampWatts.down)} a minute`,
    },
    {
      name: "highest bound beside its limit",
      text:
        fullest === undefined
          ? ""
          : `${percentText(fullest.peakShare)} of ${wattsText(fullest.limitWatts)} at ${fullest.id}`,
    },
  ];
}

function numberOf(count: number): string {
  return numberText(count).replace(/\.\d+$/, "");
}
