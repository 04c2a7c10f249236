import {
  type AffectedJob,
  CurtailmentEffect,
  type CurtailmentPreview,
  type TierEffect,
} from "@ertis/api";
import { showCount, showDuration, showWatts } from "../output/format.ts";
import { type Column, renderTable } from "../output/table.ts";
import { wrap } from "../terminal/text.ts";
import { createAffectedColumns, groupAffected } from "./affected-jobs.ts";
import {
  showGivenUp,
  showMode,
  showPermille,
  showTarget,
  showWindow,
} from "./curtailment-words.ts";
import { renderVerdict } from "./curtailment-verdict.ts";
import { type Field, renderFields } from "./fields.ts";
import { renderMoved } from "./moved-starts.ts";
import { renderPoints } from "./preview-points.ts";
import { type PreviewView, showReserved } from "./preview-view.ts";

const mostJobs = 20;

type EffectCounts = Pick<
  TierEffect,
  "untouchedCount" | "cappedCount" | "shrunkCount" | "pausedCount"
>;

function countJobs(counts: EffectCounts): number {
  return counts.untouchedCount + counts.cappedCount + counts.shrunkCount + counts.pausedCount;
}

/** `3 untouched, 7 capped, 1 paused`. */
function showEffects(counts: EffectCounts): string {
  const parts = [
    [counts.untouchedCount, "untouched"],
    [counts.cappedCount, "capped"],
    [counts.shrunkCount, "on fewer nodes"],
    [counts.pausedCount, "paused"],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${showCount(count)} ${word}`)
    .join(", ");
}

function showJobs(preview: CurtailmentPreview): string {
  const total = countJobs(preview);
  return total === 0
    ? "none runs there"
    : `${showCount(total)} there: ${showEffects(preview)}${showAnyway(preview)}`;
}

/** Others that are in force already may ask for all of it. */
function showAnyway({
  anywayCount,
  cappedCount,
  shrunkCount,
  pausedCount,
}: CurtailmentPreview): string {
  const touched = cappedCount + shrunkCount + pausedCount;
  const whom = anywayCount === touched ? "all of that" : `${showCount(anywayCount)} of these`;
  return anywayCount === 0 ? "" : `; ${whom} without it, too, by curtailments in force then`;
}

/** What is planned together is felt outside the domain, too. */
function showElsewhere({ elsewhereCount, togetherWithIds }: CurtailmentPreview): string {
  const jobs = elsewhereCount === 1 ? "1 job" : `${showCount(elsewhereCount)} jobs`;
  return elsewhereCount === 0
    ? ""
    : `${jobs} outside it touched, as it is planned together with ${togetherWithIds.join(", ")}`;
}

function showMovedCount({ movedStarts }: CurtailmentPreview): string {
  const { length } = movedStarts;
  return length === 0
    ? ""
    : `${length === 1 ? "1 promised start moves" : `${showCount(length)} promised starts move`}, listed below`;
}

const tierColumns: readonly Column<TierEffect>[] = [
  { title: "TIER", align: "right", cell: (tier) => `${tier.flexibilityTierPercent} %` },
  { title: "JOBS", align: "right", cell: (tier) => showCount(countJobs(tier)) },
  { title: "WHAT HAPPENS", cell: showEffects, shrinkTo: 14 },
  { title: "LOSES", align: "right", cell: ({ lossPermille }) => showPermille(lossPermille) },
  {
    title: "WORST",
    align: "right",
    cell: ({ worstLossPermille }) => showPermille(worstLossPermille),
  },
  {
    // Of GPUs alone: what their nodes draw beside them, and what nobody can shed, is no tier's.
    title: "GPUS AT FLOORS",
    align: "right",
    cell: ({ floorWatts, isFloorGivenUp }) => (isFloorGivenUp ? "given up" : showWatts(floorWatts)),
  },
];

/** What each tier gives: the one that tolerates nothing first. */
function renderTiers(preview: CurtailmentPreview, view: PreviewView): readonly string[] {
  const table = { hasHeaders: view.hasHeaders, isWide: false };
  return preview.tiers.length === 0
    ? []
    : ["", ...renderTable(preview.tiers, tierColumns, view.style, table)];
}

/** Jobs may end before their walltimes, and others may start: the draw foreseen before and after is of those of now. */
function renderCourse({ points }: CurtailmentPreview, view: PreviewView): readonly string[] {
  return points.length === 0
    ? []
    : [
        "",
        ...renderPoints(points, view),
        ...wrap(
          "with the jobs of now, which before and after it end by their walltimes at the latest; starts to come are not counted",
          view.style.width ?? 100,
        ),
      ];
}

/** Who loses nothing and goes on where he is, is not worth one. */
function isWorthALine({
  effect,
  lossPermille,
  isTierBroken,
  isFloorGivenUp,
}: AffectedJob): boolean {
  const isMoved = effect === CurtailmentEffect.PAUSED || effect === CurtailmentEffect.SHRUNK;
  return lossPermille > 0 || isTierBroken || isFloorGivenUp || isMoved;
}

function renderAffected(preview: CurtailmentPreview, view: PreviewView): readonly string[] {
  const losing = preview.jobs.filter(isWorthALine);
  const groups = groupAffected(losing, view.style.isUnicode);
  const shown = groups.slice(0, mostJobs);
  const keptCount = preview.jobs.length - losing.length;
  const word = `${losing.length === 0 ? "" : "more "}${keptCount === 1 ? "job loses" : "jobs lose"}`;
  const kept = keptCount === 0 ? [] : [`${showCount(keptCount)} ${word} 0 % (-o json shows all)`];
  if (shown.length === 0) {
    return kept.length === 0 ? [] : ["", ...kept];
  }
  const rest = losing.length - shown.reduce((sum, { all }) => sum + all.length, 0);
  return [
    "",
    ...renderTable(shown, createAffectedColumns(shown, view.style.isUnicode), view.style, {
      hasHeaders: view.hasHeaders,
      isWide: false,
    }),
    ...(rest > 0 ? [`and ${showCount(rest)} more (-o json shows them)`] : []),
    ...kept,
  ];
}

/** A node is surely off so long after it is told. */
const switchOffMs = 120_000;

/** With too short a notice caps stand in for nodes: for how long is not known, so the longest counts. */
function showIdleNodes({ nodeOffCount, jobs, curtailment }: CurtailmentPreview): string {
  const noticeMs = (curtailment?.startTimeMs ?? 0) - (curtailment?.noticeTimeMs ?? 0);
  const isWorst = jobs.some((one) => one.lossPermille > 0) && noticeMs < switchOffMs;
  const counted = isWorst
    ? `, counted as on for ${showDuration(switchOffMs)}; mostly they are off within seconds, and jobs lose less`
    : "";
  return nodeOffCount === 0 ? "" : `${showCount(nodeOffCount)} switched off${counted}`;
}

/** What jobs at their floors may draw more than curves say is nobody's to give. */
function showOver({ overPermille }: CurtailmentPreview): string {
  return overPermille === 0
    ? ""
    : `some minutes may be over the target, by at most ${showPermille(overPermille)}: jobs at their floors may draw more than they are counted with`;
}

/** What a curtailment would do, the answer first. */
export function renderPreview(preview: CurtailmentPreview, view: PreviewView): readonly string[] {
  const { style, nowMs } = view;
  const { curtailment } = preview;
  const fields: readonly Field[] = [
    { name: "domain", text: curtailment?.domainId ?? "" },
    { name: "target", text: curtailment === undefined ? "" : showTarget(curtailment) },
    { name: "when", text: curtailment === undefined ? "" : showWindow(curtailment, nowMs) },
    {
      name: "ramps",
      text:
        preview.leadMs === 0
          ? ""
          : `caps fall from ${showDuration(preview.leadMs)} before the start on, as ramps and meters there ask`,
    },
    { name: "mode", text: curtailment === undefined ? "" : showMode(curtailment.mode) },
    { name: "given up", text: curtailment === undefined ? "" : showGivenUp(curtailment) },
    { name: "jobs", text: showJobs(preview) },
    { name: "elsewhere", text: showElsewhere(preview) },
    { name: "promises", text: showMovedCount(preview) },
    {
      name: "idle nodes",
      text: showIdleNodes(preview),
    },
    { name: "risk", text: showOver(preview) },
    { name: "kept on", text: preview.reserved.map(showReserved).join("; ") },
    {
      name: "throughput",
      text: `${showPermille(preview.throughputPermille)} is left, by GPUs`,
    },
  ];
  return [
    renderVerdict({ ...preview, rampMs: curtailment?.rampMs ?? 0 }, style),
    ...renderFields(fields, style),
    ...renderTiers(preview, view),
    ...renderCourse(preview, view),
    ...renderAffected(preview, view),
    ...renderMoved(preview.movedStarts, view),
  ];
}
