import type { CurtailmentPoint } from "@ertis/api";
import { showTime, showTimeOfDay, showWatts } from "../output/format.ts";
import { type Column, renderTable } from "../output/table.ts";
import type { PreviewView } from "./preview-view.ts";
import { renderStrip } from "./power-strip.ts";

const mostRows = 24;
function isSame(a: CurtailmentPoint | undefined, b: CurtailmentPoint | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    a.drawWatts === b.drawWatts &&
    a.boundWatts === b.boundWatts &&
    a.targetWatts === b.targetWatts
  );
}

/** Rows of a ramp lie at least so far apart, unless a step shows. */
const shortestMs = 60_000;
/** Of the highest watts; less is one character of a strip, or none. */
const visibleShare = 0.1;

function mostOf({ boundWatts, drawWatts }: CurtailmentPoint): number {
  return Math.max(boundWatts ?? 0, drawWatts);
}

/** Whether somebody sees a step between the two in what is drawn, in bounds or in what is allowed. */
function isStep(a: CurtailmentPoint, b: CurtailmentPoint, mostWatts: number): boolean {
  const isFar = (before: number | undefined, after: number | undefined): boolean =>
    (before === undefined) !== (after === undefined) ||
    Math.abs((before ?? 0) - (after ?? 0)) >= visibleShare * mostWatts;
  return (
    isFar(a.drawWatts, b.drawWatts) ||
    isFar(a.boundWatts, b.boundWatts) ||
    isFar(a.targetWatts, b.targetWatts)
  );
}

/**
 * Without the small steps of a ramp: what holds for a minute stays, what comes a minute after the row before
 * it, what is a step from it, the first and the last.
 */
function thinned(
  points: readonly CurtailmentPoint[],
  mostWatts: number,
): readonly CurtailmentPoint[] {
  const kept: CurtailmentPoint[] = [];
  points.forEach((point, index) => {
    const before = kept.at(-1);
    const after = points[index + 1];
    if (
      before === undefined ||
      after === undefined ||
      after.timeMs - point.timeMs >= shortestMs ||
      point.timeMs - before.timeMs >= shortestMs ||
      isStep(before, point, mostWatts)
    ) {
      kept.push(point);
    }
  });
  return kept;
}

/**
 * As many points as fit a screen: of an even stretch its ends, of the rest every so many but no
 * small steps of a ramp, the first at which the target itself holds, the highest, and the last.
 */
export function choosePoints(points: readonly CurtailmentPoint[]): readonly CurtailmentPoint[] {
  const telling = points.filter(
    (point, index) => !isSame(points[index - 1], point) || !isSame(point, points[index + 1]),
  );
  const mostWatts = telling.reduce((most, point) => Math.max(most, mostOf(point)), 0);
  const few = thinned(telling, mostWatts);
  const step = Math.max(1, (few.length - 1) / (mostRows - 1));
  const chosen = new Set<CurtailmentPoint | undefined>([
    telling.find((point) => mostOf(point) === mostWatts),
  ]);
  for (let at = 0; at < mostRows; at += 1) {
    chosen.add(few[Math.min(few.length - 1, Math.round(at * step))]);
  }
  const allowedWatts = telling.map(({ targetWatts }) => targetWatts ?? Infinity);
  const least = allowedWatts.reduce((most, watts) => Math.min(most, watts), Infinity);
  if (least < Infinity) {
    chosen.add(telling[allowedWatts.indexOf(least)]);
  }
  return telling.filter((point) => chosen.has(point));
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

function dayOf(timeMs: number): string {
  return new Date(timeMs).toDateString();
}

/** Draw, bounds and what is allowed, over time; with dates where it is of more than one day. */
export function renderPoints(
  all: readonly CurtailmentPoint[],
  view: PreviewView,
): readonly string[] {
  const { style } = view;
  const chosen = choosePoints(all);
  // Of several that are told with one second, the last one counts.
  const points = chosen.filter(({ timeMs }, at) => {
    const next = chosen[at + 1];
    return next === undefined || showTime(timeMs) !== showTime(next.timeMs);
  });
  // A planned curtailment is told in expected draw, an emergency in bounds.
  const isBounded = all.some(({ boundWatts }) => boundWatts !== undefined);
  const isDrawKnown = all.some(({ boundWatts, drawWatts }) => boundWatts !== drawWatts);
  const mostWatts = all.reduce((most, point) => Math.max(most, mostOf(point)), 0);
  const isOneDay = new Set(points.map(({ timeMs }) => dayOf(timeMs))).size <= 1;
  const width = Math.max(10, Math.min(40, (style.width ?? 100) - (isOneDay ? 46 : 57)));
  return renderTable(
    points,
    [
      { title: "FROM", cell: ({ timeMs }) => (isOneDay ? showTimeOfDay : showTime)(timeMs) },
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
