import { MovedStart } from "@ertis/api";
import type { OutputFlags } from "../commands/options.ts";
import { showTimeFrom } from "../output/format.ts";
import { type Column, renderTable } from "../output/table.ts";
import { findStyle, type Style } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";

function showStart(timeMs: number, capWatts: number, nowMs: number): string {
  const cap = capWatts === 0 ? "" : ` at ${capWatts} W a GPU`;
  return `${showTimeFrom(timeMs, nowMs)}${cap}`;
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
      cell: ({ jobId, startTimeMs, capWatts }) => ({
        text:
          startTimeMs === 0
            ? `not kept; it is promised another as soon as one can be: "ertis why ${jobId}" tells`
            : showStart(startTimeMs, capWatts, nowMs),
        tone: "warn",
      }),
    },
  ];
}

/** The promised starts that an order moves; empty: it keeps all of them. */
export function renderMoved(
  moved: readonly MovedStart[],
  view: { readonly style: Style; readonly nowMs: number; readonly hasHeaders: boolean },
): readonly string[] {
  const table = { hasHeaders: view.hasHeaders, isWide: false };
  return moved.length === 0
    ? []
    : ["", ...renderTable(moved, createColumns(view.nowMs), view.style, table)];
}

/** The same below a listing of what was ordered; other formats have them in its items. */
export function printMoved(
  terminal: Terminal,
  flags: OutputFlags,
  moved: readonly MovedStart[],
  nowMs: number,
): void {
  if (flags.output === "table" || flags.output === "wide") {
    const style = findStyle(terminal.env, terminal.stdout);
    const lines = renderMoved(moved, { style, nowMs, hasHeaders: flags.headers });
    terminal.stdout.write(lines.map((line) => `${line}\n`).join(""));
  }
}

/** An item as JSON, and what ordering it has moved, where it has moved anything. */
export function withMoved(item: unknown, moved: readonly MovedStart[]): object {
  const movedStarts = moved.map((one) => MovedStart.toJSON(one));
  return Object.assign({}, item, movedStarts.length === 0 ? {} : { movedStarts });
}

/** Of several orders, one after the other: each job once, from where it was to where it is now. */
export function movedByAll(each: readonly (readonly MovedStart[])[]): readonly MovedStart[] {
  const byJob = new Map<string, MovedStart>();
  for (const next of each.flat()) {
    const before = byJob.get(next.jobId) ?? next;
    const { startTimeBeforeMs, capBeforeWatts, endTimeBeforeMs } = before;
    byJob.set(next.jobId, { ...next, startTimeBeforeMs, capBeforeWatts, endTimeBeforeMs });
  }
  return [...byJob.values()].toSorted((a, b) => a.startTimeBeforeMs - b.startTimeBeforeMs);
}
