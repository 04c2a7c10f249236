import { type AffectedJob, CurtailmentEffect, curtailmentEffectToJSON } from "@ertis/api";
import { showEnum, showTimeOfDay } from "../output/format.ts";
import type { Cell, Column } from "../output/table.ts";
import { showPermille } from "./curtailment-words.ts";

function showCap(capWatts: number): string {
  return capWatts === 0 ? "full power" : `${capWatts} W`;
}

/** `cap 700 W → 520 W`, `8 → 6 nodes`, `paused 18:05:00 to 18:20:00`. */
function showEffect(job: AffectedJob, isUnicode: boolean): string {
  const arrow = isUnicode ? "→" : "->";
  const cap =
    job.capBeforeWatts === job.capWatts
      ? ""
      : `cap ${showCap(job.capBeforeWatts)} ${arrow} ${showCap(job.capWatts)}`;
  const nodes =
    job.nodeCountBefore === job.nodeCount
      ? ""
      : `${job.nodeCountBefore} ${arrow} ${job.nodeCount} nodes`;
  const pause =
    job.pauseFromTimeMs === 0
      ? ""
      : `paused ${showTimeOfDay(job.pauseFromTimeMs)} to ${showTimeOfDay(job.pauseUntilTimeMs)}`;
  const parts = [pause, nodes, cap].filter((part) => part !== "");
  return parts.length > 0
    ? parts.join(", ")
    : showEnum(job.effect, curtailmentEffectToJSON, "CURTAILMENT_EFFECT_");
}

/** What it loses beside what its tier allows; beyond that in red. */
function toLossCell(job: AffectedJob): Cell {
  const isOver = job.lossPermille > job.flexibilityTierPercent * 10;
  return { text: showPermille(job.lossPermille), ...(isOver ? { tone: "bad" as const } : {}) };
}

export function createAffectedColumns(isUnicode: boolean): readonly Column<AffectedJob>[] {
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
    { title: "LOSES", align: "right", cell: toLossCell },
    {
      title: "OF",
      align: "right",
      cell: ({ flexibilityTierPercent }) => `${flexibilityTierPercent} %`,
    },
  ];
}
