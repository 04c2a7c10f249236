import type { CurtailmentPoint } from "@ertis/api";
import { showTimeOfDay, showWatts } from "../output/format.ts";
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

/** Draw, bounds and what is allowed, over time. */
export function renderPoints(
  all: readonly CurtailmentPoint[],
  view: PreviewView,
): readonly string[] {
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
