import type {
  CurtailmentPoint,
  CurtailmentPreview,
  CurtailmentRefusal,
  ReservedNodes,
  TierEffect,
} from "@ertis/api";
import {
  showCount,
  showDuration,
  showTimeOfDay,
  showWatts,
  showWattsUp,
} from "../output/format.ts";
import { type Column, renderTable } from "../output/table.ts";
import { paint, type Style } from "../terminal/style.ts";
import { toPrintable, wrap } from "../terminal/text.ts";
import { createAffectedColumns } from "./affected-jobs.ts";
import {
  showGivenUp,
  showMode,
  showPermille,
  showTarget,
  showWindow,
} from "./curtailment-words.ts";
import { type Field, renderFields } from "./fields.ts";
import { renderMoved } from "./moved-starts.ts";
import { renderStrip } from "./power-strip.ts";

/** What a preview needs to know besides the answer. */
export interface PreviewView {
  readonly style: Style;
  /** The scheduler's clock, milliseconds since the Unix epoch. */
  readonly nowMs: number;
  readonly hasHeaders: boolean;
}

const mostRows = 24;
const mostJobs = 20;

function isSame(a: CurtailmentPoint | undefined, b: CurtailmentPoint | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    a.drawWatts === b.drawWatts &&
    a.boundWatts === b.boundWatts &&
    a.targetWatts === b.targetWatts
  );
}

/**
 * As many points as fit a screen: of an even stretch its ends, of the rest every so many, the first at
 * which the target itself holds, and the last.
 */
export function choosePoints(points: readonly CurtailmentPoint[]): readonly CurtailmentPoint[] {
  const telling = points.filter(
    (point, index) => !isSame(points[index - 1], point) || !isSame(point, points[index + 1]),
  );
  const step = Math.max(1, (telling.length - 1) / (mostRows - 1));
  const chosen = new Set<number>();
  for (let at = 0; at < mostRows; at += 1) {
    chosen.add(Math.min(telling.length - 1, Math.round(at * step)));
  }
  const allowedWatts = telling.map(({ targetWatts }) => targetWatts ?? Infinity);
  const least = allowedWatts.reduce((most, watts) => Math.min(most, watts), Infinity);
  if (least < Infinity) {
    chosen.add(allowedWatts.indexOf(least));
  }
  return telling.filter((_, index) => chosen.has(index));
}

const drawColumn: Column<CurtailmentPoint> = {
  title: "DRAW",
  align: "right",
  cell: ({ drawWatts }) => showWatts(drawWatts),
};

const boundColumn: Column<CurtailmentPoint> = {
  title: "AT MOST",
  align: "right",
  dropOrder: 1,
  cell: ({ boundWatts }) => (boundWatts === undefined ? "-" : showWatts(boundWatts)),
};

function renderPoints(all: readonly CurtailmentPoint[], view: PreviewView): readonly string[] {
  const { style } = view;
  const chosen = choosePoints(all);
  // Of several that are told with one second, the last one counts.
  const points = chosen.filter(({ timeMs }, at) => {
    const next = chosen[at + 1];
    return next === undefined || showTimeOfDay(timeMs) !== showTimeOfDay(next.timeMs);
  });
  // A planned curtailment is told in expected draw, an emergency in bounds.
  const isBounded = all.some(({ boundWatts }) => boundWatts !== undefined);
  const isDrawKnown = all.some(({ boundWatts, drawWatts }) => boundWatts !== drawWatts);
  const mostWatts = all.reduce(
    (most, { boundWatts, drawWatts }) => Math.max(most, boundWatts ?? 0, drawWatts),
    0,
  );
  const width = Math.max(10, Math.min(40, (style.width ?? 100) - 46));
  return renderTable(
    points,
    [
      { title: "FROM", cell: ({ timeMs }) => showTimeOfDay(timeMs) },
      {
        title: "",
        cell: (point) =>
          renderStrip(
            {
              drawWatts: point.drawWatts,
              boundWatts: point.boundWatts ?? 0,
              targetWatts: point.targetWatts,
            },
            { mostWatts, width },
            { ...style, isColoured: false },
          ),
      },
      ...(isDrawKnown ? [drawColumn] : []),
      ...(isBounded ? [boundColumn] : []),
      {
        title: "ALLOWED",
        align: "right",
        cell: ({ targetWatts, drawWatts }) => ({
          text: targetWatts === undefined ? "-" : showWatts(targetWatts),
          ...(targetWatts !== undefined && drawWatts > targetWatts
            ? { tone: "warn" as const }
            : {}),
        }),
      },
    ],
    style,
    { hasHeaders: view.hasHeaders, isWide: false },
  );
}

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
  return total === 0 ? "none runs there" : `${showCount(total)} there: ${showEffects(preview)}`;
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
    title: "FLOORS NEED",
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

function renderAffected(preview: CurtailmentPreview, view: PreviewView): readonly string[] {
  const shown = preview.jobs.slice(0, mostJobs);
  if (shown.length === 0) {
    return [];
  }
  const rest = preview.jobs.length - shown.length;
  return [
    "",
    ...renderTable(shown, createAffectedColumns(shown, view.style.isUnicode), view.style, {
      hasHeaders: view.hasHeaders,
      isWide: false,
    }),
    ...(rest > 0 ? [`and ${showCount(rest)} more (-o json shows them)`] : []),
  ];
}

/** What would bring it down in time. */
function advise({ curtailment, nodeOffCount }: CurtailmentPreview): string {
  const ways = [
    ...((curtailment?.rampMs ?? 0) > 0 ? ["a shorter ramp"] : []),
    ...(nodeOffCount > 0 ? ["a longer notice, since idle nodes take a while to switch off"] : []),
  ];
  return `give it ${["a later end", ...ways].join(", or ")}`;
}

/** What a curtailment would do, the answer first. */
export function renderPreview(preview: CurtailmentPreview, view: PreviewView): readonly string[] {
  const { style, nowMs } = view;
  const { curtailment } = preview;
  const verdict = preview.isTargetMet
    ? `can be kept: the target holds ${preview.timeToTargetMs < 1_000 ? "from the start" : `${showDuration(preview.timeToTargetMs)} after the start at the latest`}`
    : `cannot be kept in time: the target is not met before its end; ${advise(preview)}`;
  const tone = preview.isTargetMet ? "good" : "warn";
  const mark = style.isUnicode ? (preview.isTargetMet ? "✓ " : "▲ ") : "";
  const fields: readonly Field[] = [
    { name: "domain", text: curtailment?.domainId ?? "" },
    { name: "target", text: curtailment === undefined ? "" : showTarget(curtailment) },
    { name: "when", text: curtailment === undefined ? "" : showWindow(curtailment, nowMs) },
    {
      name: "ramps",
      text:
        preview.leadMs === 0
          ? ""
          : `caps fall from ${showDuration(preview.leadMs)} before the start on, as fast as the ramps there allow`,
    },
    { name: "mode", text: curtailment === undefined ? "" : showMode(curtailment.mode) },
    { name: "given up", text: curtailment === undefined ? "" : showGivenUp(curtailment) },
    { name: "jobs", text: showJobs(preview) },
    { name: "promises", text: showMovedCount(preview) },
    {
      name: "idle nodes",
      text: preview.nodeOffCount === 0 ? "" : `${showCount(preview.nodeOffCount)} switched off`,
    },
    { name: "kept on", text: preview.reserved.map(showReserved).join("; ") },
    {
      name: "throughput",
      text: `${showPermille(preview.throughputPermille)} is left, by GPUs`,
    },
  ];
  return [
    paint(style, tone, `${mark}${verdict}`),
    ...renderFields(fields, style),
    ...renderTiers(preview, view),
    ...(preview.points.length === 0 ? [] : ["", ...renderPoints(preview.points, view)]),
    ...renderAffected(preview, view),
    ...renderMoved(preview.movedStarts, view),
  ];
}

function showReserved({ jobId, startTimeMs, nodeCount, heldWatts }: ReservedNodes): string {
  const nodes = nodeCount === 1 ? "1 idle node" : `${showCount(nodeCount)} idle nodes`;
  return `${nodes} (${showWatts(heldWatts)}) for job ${jobId}, promised to start ${showTimeOfDay(startTimeMs)}; hold or cancel it to free them`;
}

/** Why it cannot be kept, the smallest that could, and what each tier's floors would give. */
export function renderRefusal(refusal: CurtailmentRefusal, view: PreviewView): readonly string[] {
  const { style } = view;
  const { rejection, smallestTargetWatts, gains } = refusal;
  const mark = style.isUnicode ? "✗ " : "";
  const reason = rejection?.reason ?? "";
  const sentence = wrap(toPrintable(rejection?.message ?? ""), style.width ?? 100);
  const table = renderTable(
    gains,
    [
      { title: "TIER", align: "right", cell: (gain) => `${gain.flexibilityTierPercent} %` },
      { title: "JOBS", align: "right", cell: (gain) => showCount(gain.jobCount) },
      {
        title: "GIVING UP ITS FLOORS FREES",
        align: "right",
        cell: (gain) => showWatts(gain.freedWatts),
      },
      {
        title: "THEN POSSIBLE",
        align: "right",
        cell: (gain) =>
          smallestTargetWatts === 0 ? "-" : showWattsUp(smallestTargetWatts - gain.freedWatts),
      },
    ],
    style,
    { hasHeaders: view.hasHeaders, isWide: false },
  );
  return [
    paint(style, "bad", `${mark}cannot be kept (${toPrintable(reason)})`),
    ...sentence,
    ...renderFields(
      [
        {
          name: "smallest",
          text:
            smallestTargetWatts === 0
              ? ""
              : `${showWattsUp(smallestTargetWatts)} keeps every floor it has to`,
        },
        { name: "binding", text: refusal.domainId },
        {
          name: "possible",
          text:
            refusal.enoughTierPercents.length === 0
              ? ""
              : `with --give-up ${refusal.enoughTierPercents.join(",")}`,
        },
        { name: "kept on", text: refusal.reserved.map(showReserved).join("; ") },
      ],
      style,
    ),
    ...(gains.length === 0 ? [] : ["", ...table]),
  ];
}
