import type { MovedStart } from "@ertis/api";
import { showTimeFrom } from "../output/format.ts";
import { type Column, renderTable } from "../output/table.ts";
import type { Style } from "../terminal/style.ts";

function showStart(timeMs: number, capWatts: number, nowMs: number): string {
  const cap = capWatts === 0 ? "" : ` at ${capWatts} W a GPU`;
  return timeMs === 0 ? "no start can be promised yet" : `${showTimeFrom(timeMs, nowMs)}${cap}`;
}

function createColumns(nowMs: number): readonly Column<MovedStart>[] {
  return [
    { title: "JOB", cell: ({ jobId }) => jobId },
    {
      title: "PROMISED START",
      cell: ({ startTimeBeforeMs, capBeforeWatts }) =>
        showStart(startTimeBeforeMs, capBeforeWatts, nowMs),
    },
    {
      title: "MOVES TO",
      cell: ({ startTimeMs, capWatts }) => ({
        text: showStart(startTimeMs, capWatts, nowMs),
        tone: "warn",
      }),
    },
  ];
}

/** The promised starts that a curtailment moves; empty: it keeps all of them. */
export function renderMoved(
  moved: readonly MovedStart[],
  view: { readonly style: Style; readonly nowMs: number; readonly hasHeaders: boolean },
): readonly string[] {
  const table = { hasHeaders: view.hasHeaders, isWide: false };
  return moved.length === 0
    ? []
    : ["", ...renderTable(moved, createColumns(view.nowMs), view.style, table)];
}
