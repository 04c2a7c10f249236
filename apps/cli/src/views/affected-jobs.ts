import { type AffectedJob, CurtailmentEffect, curtailmentEffectToJSON } from "@ertis/api";
import { showDuration, showEnum, showTimeOfDay } from "../output/format.ts";
import type { Cell, Column } from "../output/table.ts";
import { showPermille } from "./curtailment-words.ts";

function showCap(capWatts: number): string {
  return capWatts === 0 ? "full power" : `${capWatts} W`;
}

/** Why it was stopped, where that was not to save watts. */
const stopWords: Readonly<Record<string, string>> = {
  preemption: "preempted",
  drain: "drained",
  walltime: "its walltime was over",
  node: "a node was lost",
};

/** `cap 700 W → 520 W`, `8 → 6 nodes`, `paused 18:05:00 to 18:20:00`. */
function showEffect(job: AffectedJob, isUnicode: boolean): string {
  const arrow = isUnicode ? "→" : "->";
  const cap =
    job.capBeforeWatts === job.capWatts
      ? ""
      : `cap ${showCap(job.capBeforeWatts)} ${arrow} ${showCap(job.capWatts)}`;
  const nodes =
    // Of who is paused already only the return is told.
    job.nodeCountBefore === job.nodeCount || job.nodeCountBefore === 0
      ? ""
      : `${job.nodeCountBefore} ${arrow} ${job.nodeCount} nodes`;
  const wasPaused = job.effect === CurtailmentEffect.PAUSED ? "paused" : "";
  const pause =
    job.pauseFromTimeMs === 0
      ? wasPaused
      : `paused ${showTimeOfDay(job.pauseFromTimeMs)} to ${showTimeOfDay(job.pauseUntilTimeMs)}`;
  const stopped =
    job.stoppedTimeMs === 0
      ? ""
      : `stopped ${showTimeOfDay(job.stoppedTimeMs)} (${stopWords[job.stoppedFor] ?? job.stoppedFor})`;
  const parts = [stopped, pause, nodes, cap].filter((part) => part !== "");
  const what =
    parts.length > 0
      ? parts.join(", ")
      : showEnum(job.effect, curtailmentEffectToJSON, "CURTAILMENT_EFFECT_");
  return job.isAnyway ? `${what}, without it, too` : what;
}

/** More than its tier tolerates. */
export function beyondPermille({ lossPermille, flexibilityTierPercent }: AffectedJob): number {
  return Math.max(0, lossPermille - flexibilityTierPercent * 10);
}

/** What it loses beside what its tier allows; beyond that marked and in red, unless its floor was given up. */
function toLossCell(job: AffectedJob, isUnicode: boolean): Cell {
  const mark = isUnicode ? "✗ " : "! ";
  const text = `${job.isTierBroken ? mark : ""}${showPermille(job.lossPermille)}`;
  if (job.isTierBroken) {
    return { text, tone: "bad" };
  }
  return { text, ...(beyondPermille(job) > 0 ? { tone: "warn" } : {}) };
}

/** What it loses only because its floor was given up; asked where some are. */
const givenUpColumn: Column<AffectedJob> = {
  title: "GIVEN UP",
  align: "right",
  cell: (job) => (job.isFloorGivenUp ? showPermille(beyondPermille(job)) : "-"),
};

/** What it lost while another curtailment was on that had given its floor up. */
const forOthersColumn: Column<AffectedJob> = {
  title: "FOR OTHERS",
  align: "right",
  cell: ({ forOthersPermille }) => (forOthersPermille > 0 ? showPermille(forOthersPermille) : "-"),
};

/** Work at full speed that it lost after the end, while it came back. */
const afterEndColumn: Column<AffectedJob> = {
  title: "AFTER END",
  align: "right",
  cell: ({ afterEndLostMs, isHeldBack }) =>
    afterEndLostMs === 0 && !isHeldBack
      ? "-"
      : `${showDuration(afterEndLostMs)}${isHeldBack ? " so far" : ""}`,
};

/** @param lossTitle above what each loses; early in an event that is a large part of a short time, and the title says so */
export function createAffectedColumns(
  jobs: readonly AffectedJob[],
  isUnicode: boolean,
  lossTitle: string = "LOSES",
): readonly Column<AffectedJob>[] {
  const isAnyGivenUp = jobs.some((job) => job.isFloorGivenUp);
  const isAnyAfterEnd = jobs.some((job) => job.afterEndLostMs > 0 || job.isHeldBack);
  const isAnyForOthers = jobs.some((job) => job.forOthersPermille > 0);
  return [
    { title: "JOB", cell: ({ jobId }) => jobId },
    { title: "NAME", cell: ({ name }) => name, shrinkTo: 8, dropOrder: 3 },
    { title: "OWNER", cell: ({ owner }) => owner, shrinkTo: 6, dropOrder: 2 },
    {
      title: "PROJECT",
      cell: ({ project }) => project,
      shrinkTo: 6,
      dropOrder: 1,
      leaveOutBelow: 100,
    },
    {
      title: "WHAT HAPPENS",
      cell: (job) => ({
        text: showEffect(job, isUnicode),
        ...(job.effect === CurtailmentEffect.PAUSED ? { tone: "warn" as const } : {}),
      }),
      shrinkTo: 14,
    },
    { title: lossTitle, align: "right", cell: (job) => toLossCell(job, isUnicode) },
    {
      title: "OF",
      align: "right",
      cell: ({ flexibilityTierPercent }) => `${flexibilityTierPercent} %`,
    },
    ...(isAnyGivenUp ? [givenUpColumn] : []),
    ...(isAnyForOthers ? [forOthersColumn] : []),
    ...(isAnyAfterEnd ? [afterEndColumn] : []),
  ];
}
