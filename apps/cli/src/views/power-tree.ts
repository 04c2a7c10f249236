import type { PowerDomain } from "@ertis/api";
import { paint, type Style, type Tone } from "../terminal/style.ts";
import { pad, toPrintable, toWidth, truncate, wrap } from "../terminal/text.ts";
import { renderBar } from "./bar.ts";
import { asciiRails, type Branch, showName, toBranches, unicodeRails } from "./power-branches.ts";
import { type NumberColumn, powerColumns, toCeilingWatts } from "./power-columns.ts";
import { type Note, toNotes } from "./power-notes.ts";

/** What a power tree needs to know besides its domains. */
export interface PowerView {
  readonly style: Style;
  readonly hasHeaders: boolean;
  /** The scheduler's clock, milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** More columns: nodes, fixed load, limit. */
  readonly isWide: boolean;
}

function toTone(domain: PowerDomain): Tone {
  if (domain.excessWatts > 0) {
    return "bad";
  }
  return domain.boundWatts * 10 > toCeilingWatts(domain) * 9 ? "warn" : "good";
}

interface Line {
  readonly branch: Branch;
  readonly name: string;
  readonly cells: readonly string[];
}

/** True when every child says the same as its parent, so that the note at the parent is enough. */
function isRepeated(note: string, parentNotes: readonly string[]): boolean {
  return parentNotes.includes(note);
}

const gap = "  ";
const longestBar = 40;
const shortestBar = 6;
const shortestName = 14;
/** Names are cut to this before a column of numbers is given up. */
const enoughName = 20;

interface Layout {
  readonly nameWidth: number;
  /** 0 = no bar. */
  readonly barWidth: number;
  /** Indices of the columns that fit. */
  readonly shown: readonly number[];
  readonly cellWidths: readonly number[];
}

function layOut(lines: readonly Line[], wished: readonly NumberColumn[], view: PowerView): Layout {
  const cellWidths = wished.map(({ title }, index) =>
    lines.reduce((most, { cells }) => Math.max(most, toWidth(cells[index] ?? "")), title.length),
  );
  const naturalName = lines.reduce((most, { branch, name }) => {
    return Math.max(most, toWidth(branch.prefix) + toWidth(name));
  }, "DOMAIN".length);
  const width = view.style.width ?? 120;
  const leastName = Math.min(naturalName, enoughName);
  const shown = [...wished.keys()];
  const toFixed = (): number =>
    shown.reduce((sum, index) => sum + (cellWidths[index] ?? 0) + gap.length, gap.length);
  const byWorth = shown.toSorted(
    (left, right) => (wished[left]?.dropOrder ?? 0) - (wished[right]?.dropOrder ?? 0),
  );
  for (const index of byWorth) {
    if (toFixed() + leastName + shortestBar <= width || shown.length === 1) {
      break;
    }
    shown.splice(shown.indexOf(index), 1);
  }
  const fixed = toFixed();
  // The name gets what it needs before the bar grows; a narrow terminal takes from both.
  const nameWidth = Math.max(shortestName, Math.min(naturalName, width - fixed - shortestBar));
  const room = width - fixed - nameWidth;
  const barWidth = room < shortestBar ? 0 : Math.min(longestBar, room);
  return { nameWidth, barWidth, shown, cellWidths };
}

function renderLine(line: Line, layout: Layout, view: PowerView): string {
  const { style } = view;
  const { domain, prefix } = line.branch;
  const room = layout.nameWidth - toWidth(prefix);
  const name = pad(truncate(line.name, room, style.isUnicode), room);
  const bar = renderBar(domain, layout.barWidth, style, toTone(domain));
  const cells = layout.shown.map((index) =>
    pad(line.cells[index] ?? "", layout.cellWidths[index] ?? 0, "right"),
  );
  const bars = layout.barWidth === 0 ? [] : [bar];
  return [paint(style, "dim", prefix) + name, ...bars, ...cells].join(gap);
}

function renderNotes(branch: Branch, notes: readonly Note[], view: PowerView): readonly string[] {
  const width = Math.max(20, (view.style.width ?? 120) - toWidth(branch.notePrefix));
  return notes.flatMap(([tone, note]) =>
    wrap(toPrintable(note), width).map(
      (part) => paint(view.style, "dim", branch.notePrefix) + paint(view.style, tone, part),
    ),
  );
}

/** The lines of a power tree: a bar for each domain and, below it, what must not be overlooked. */
export function renderPowerTree(
  domains: readonly PowerDomain[],
  view: PowerView,
): readonly string[] {
  const rails = view.style.isUnicode ? unicodeRails : asciiRails;
  const hasBudget = domains.some(({ budgetWatts }) => budgetWatts !== undefined);
  const hasDraw = domains.some(({ drawWatts }) => drawWatts !== undefined);
  const wished = [
    ...(hasDraw ? powerColumns.draw : []),
    ...(view.isWide ? powerColumns.wide : hasBudget ? powerColumns.budget : powerColumns.plain),
  ];
  const lines = toBranches(domains, rails).map((branch) => ({
    branch,
    name: toPrintable(showName(branch)),
    cells: wished.map(({ cell }) => cell(branch.domain, branch.freeWatts)),
  }));
  const layout = layOut(lines, wished, view);
  const header = [
    pad("DOMAIN", layout.nameWidth),
    ...(layout.barWidth === 0 ? [] : [" ".repeat(layout.barWidth)]),
    ...layout.shown.map((index) =>
      pad(wished[index]?.title ?? "", layout.cellWidths[index] ?? 0, "right"),
    ),
  ].join(gap);
  const notesById = new Map<string, readonly string[]>();
  const rendered: string[] = view.hasHeaders ? [paint(view.style, "dim", header)] : [];
  for (const line of lines) {
    const { domain } = line.branch;
    const above = notesById.get(domain.parentId) ?? [];
    const all = toNotes(domain, view.style, view.nowMs);
    notesById.set(
      domain.id,
      all.map(([, note]) => note),
    );
    const notes = all.filter(([, note]) => !isRepeated(note, above));
    rendered.push(renderLine(line, layout, view), ...renderNotes(line.branch, notes, view));
  }
  return rendered;
}
