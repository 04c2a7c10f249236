import { type AffectedJob, CurtailmentEffect, curtailmentEffectToJSON } from "@ertis/api";
import { showDuration, showEnum, showTimeOfDay } from "../output/format.ts";
import type { Cell, Column } from "../output/table.ts";
import {
  type AffectedGroup,
  groupTasks,
  showJobIds,
  showOfAll,
  showSpan,
} from "./affected-groups.ts";
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

/** What they lose beside what their tier allows; beyond that marked and in red, unless its floor was given up. */
function toLossCell(group: AffectedGroup, isUnicode: boolean): Cell {
  const { first, all } = group;
  const mark = isUnicode ? "✗ " : "! ";
  const lost = showSpan(group, ({ lossPermille }) => lossPermille, showPermille);
  if (first.isTierBroken) {
    return { text: `${mark}${lost}`, tone: "bad" };
  }
  const isBeyond = all.some((job) => beyondPermille(job) > 0);
  return { text: lost, ...(isBeyond ? { tone: "warn" } : {}) };
}

/** What is lost only because its floor was given up; asked where some are. */
const givenUpColumn: Column<AffectedGroup> = {
  title: "GIVEN UP",
  align: "right",
  cell: (group) =>
    group.first.isFloorGivenUp ? showSpan(group, beyondPermille, showPermille) : "-",
};

/** What was lost for other curtailments that had given its floor up. */
const forOthersColumn: Column<AffectedGroup> = {
  title: "FOR OTHERS",
  align: "right",
  cell: (group) =>
    showSpan(
      group,
      ({ forOthersPermille }) => forOthersPermille,
      (permille) => (permille > 0 ? showPermille(permille) : "-"),
    ),
};

/** Work at full speed that was lost after the end, on the way back. */
const afterEndColumn: Column<AffectedGroup> = {
  title: "AFTER END",
  align: "right",
  cell: (group) => {
    const isOpen = group.first.isHeldBack;
    const lost = showSpan(group, ({ afterEndLostMs }) => afterEndLostMs, showDuration);
    return group.all.every(({ afterEndLostMs }) => afterEndLostMs === 0) && !isOpen
      ? "-"
      : `${lost}${isOpen ? " so far" : ""}`;
  },
};

/** One line a job, and one for all tasks of an array to which the same happens. */
export function groupAffected(
  jobs: readonly AffectedJob[],
  isUnicode: boolean,
): readonly AffectedGroup[] {
  return groupTasks(jobs, (job) => showEffect(job, isUnicode));
}

/** @param lossTitle above what each loses; early in an event that is a large part of a short time, and the title says so */
export function createAffectedColumns(
  groups: readonly AffectedGroup[],
  isUnicode: boolean,
  lossTitle: string = "LOSES",
): readonly Column<AffectedGroup>[] {
  const jobs = groups.flatMap(({ all }) => all);
  const isAnyGivenUp = jobs.some((job) => job.isFloorGivenUp);
  const isAnyAfterEnd = jobs.some((job) => job.afterEndLostMs > 0 || job.isHeldBack);
  const isAnyForOthers = jobs.some((job) => job.forOthersPermille > 0);
  return [
    { title: "JOB", cell: (group) => showJobIds(group, isUnicode) },
    { title: "NAME", cell: ({ first }) => first.name, shrinkTo: 8, dropOrder: 3 },
    { title: "OWNER", cell: ({ first }) => first.owner, shrinkTo: 6, dropOrder: 2 },
    {
      title: "PROJECT",
      cell: ({ first }) => first.project,
      shrinkTo: 6,
      dropOrder: 1,
      leaveOutBelow: 100,
    },
    {
      title: "WHAT HAPPENS",
      cell: (group) => ({
        text: showOfAll(group, showEffect(group.first, isUnicode)),
        ...(group.first.effect === CurtailmentEffect.PAUSED ? { tone: "warn" as const } : {}),
      }),
      shrinkTo: 14,
    },
    { title: lossTitle, align: "right", cell: (group) => toLossCell(group, isUnicode) },
    {
      title: "OF",
      align: "right",
      cell: ({ first }) => `${first.flexibilityTierPercent} %`,
    },
    ...(isAnyGivenUp ? [givenUpColumn] : []),
    ...(isAnyForOthers ? [forOthersColumn] : []),
    ...(isAnyAfterEnd ? [afterEndColumn] : []),
  ];
}
