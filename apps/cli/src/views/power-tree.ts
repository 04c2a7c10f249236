import { DomainKind, type PowerDomain } from "@ertis/api";
import { showCount, showDuration, showTimeOfDay, showWatts } from "../output/format.ts";
import { paint, type Style, type Tone } from "../terminal/style.ts";
import { pad, toPrintable, toWidth, truncate, wrap } from "../terminal/text.ts";
import { showAway } from "./away.ts";
import { renderBar } from "./bar.ts";
import { type NumberColumn, powerColumns, toCeilingWatts } from "./power-columns.ts";
import { toRampNote } from "./ramp-note.ts";
import { toSupplyNote } from "./supply-note.ts";

/** What a power tree needs to know besides its domains. */
export interface PowerView {
  readonly style: Style;
  readonly hasHeaders: boolean;
  /** The scheduler's clock, milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** More columns: nodes, fixed load, limit. */
  readonly isWide: boolean;
}

/** One domain and the lines that join it to the one above. */
interface Branch {
  readonly domain: PowerDomain;
  /** `│  ├─ ` before the name. */
  readonly prefix: string;
  /** `│  │  ` before notes below it. */
  readonly notePrefix: string;
  readonly hiddenCount: number;
  /** Watts that may be added here: no more than any domain above leaves. */
  readonly freeWatts: number;
}

interface Rails {
  readonly middle: string;
  readonly last: string;
  readonly pass: string;
  readonly blank: string;
}

const unicodeRails: Rails = { middle: "├─ ", last: "└─ ", pass: "│  ", blank: "   " };
const asciiRails: Rails = { middle: "|- ", last: "`- ", pass: "|  ", blank: "   " };

/** Domains with their rails, parents before children; children keep the order they came in. */
function toBranches(domains: readonly PowerDomain[], rails: Rails): readonly Branch[] {
  const ids = new Set(domains.map(({ id }) => id));
  const children = new Map<string, PowerDomain[]>();
  const roots: PowerDomain[] = [];
  for (const domain of domains) {
    const siblings = ids.has(domain.parentId) ? children.get(domain.parentId) : roots;
    if (siblings === undefined) {
      children.set(domain.parentId, [domain]);
    } else {
      siblings.push(domain);
    }
  }
  const branches: Branch[] = [];
  // A stack, not recursion: what the server sends decides how deep it goes.
  const stack = roots
    .map((domain) => ({ domain, prefix: "", below: "", aboveWatts: Infinity }))
    .toReversed();
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { domain, prefix, below, aboveWatts } = top;
    const own = children.get(domain.id) ?? [];
    const notePrefix = below + (own.length > 0 ? rails.pass : rails.blank);
    const hiddenCount = Math.max(0, domain.childCount - own.length);
    const freeWatts = Math.min(domain.freeWatts, aboveWatts);
    branches.push({ domain, prefix, notePrefix, hiddenCount, freeWatts });
    const next = own.map((child, index) => ({
      domain: child,
      prefix: below + (index === own.length - 1 ? rails.last : rails.middle),
      below: below + (index === own.length - 1 ? rails.blank : rails.pass),
      aboveWatts: freeWatts,
    }));
    stack.push(...next.toReversed());
  }
  return branches;
}

function toTone(domain: PowerDomain): Tone {
  if (domain.excessWatts > 0) {
    return "bad";
  }
  return domain.boundWatts * 10 > toCeilingWatts(domain) * 9 ? "warn" : "good";
}

/** What domains of a kind consist of in every site. */
const childWords: ReadonlyMap<DomainKind, string> = new Map([
  [DomainKind.FEED, "substation"],
  [DomainKind.SUBSTATION, "hall"],
  [DomainKind.HALL, "row"],
  [DomainKind.ROW, "rack"],
]);

/** Last part of the path, with the kind where the name does not say it. */
function showName(branch: Branch): string {
  const { id } = branch.domain;
  const name = branch.prefix === "" ? id : id.slice(id.lastIndexOf("/") + 1);
  const { hiddenCount } = branch;
  if (hiddenCount === 0) {
    return name;
  }
  const word = childWords.get(branch.domain.kind) ?? "part";
  return `${name} (${hiddenCount} ${word}${hiddenCount === 1 ? "" : "s"})`;
}

interface Line {
  readonly branch: Branch;
  readonly name: string;
  readonly cells: readonly string[];
}

type Note = readonly [tone: Tone, text: string];

function toAwayNote(domain: PowerDomain, style: Style): readonly Note[] {
  const away = showAway(domain, style);
  return away === "" ? [] : [["bad", away]];
}

function toExcessNote(domain: PowerDomain, isUnicode: boolean): readonly Note[] {
  if (domain.excessWatts === 0) {
    return [];
  }
  const why = domain.excessReason === "" ? "" : `: ${domain.excessReason}`;
  const mark = isUnicode ? "▲" : "!";
  return [["bad", `${mark} OVER BUDGET by ${showWatts(domain.excessWatts)}${why}`]];
}

function toLostSupplyNote(
  { remainingWatts, lostSupply }: PowerDomain,
  isUnicode: boolean,
): readonly Note[] {
  if (remainingWatts === undefined) {
    return [];
  }
  const what = lostSupply === "" ? "A SUPPLY IS" : `SUPPLY ${toPrintable(lostSupply)} IS`;
  return [
    ["bad", `${isUnicode ? "✗" : "x"} ${what} LOST: it carries ${showWatts(remainingWatts)}`],
  ];
}

function toBudgetNote(domain: PowerDomain, nowMs: number): readonly Note[] {
  const name = domain.budgetId === "" ? "" : ` (${domain.budgetId})`;
  const now =
    domain.budgetWatts === undefined ? "" : `budget ${showWatts(domain.budgetWatts)}${name}`;
  const change = domain.nextBudgetChange;
  if (change === undefined) {
    return now === "" ? [] : [["dim", now]];
  }
  const next = change.budgetWatts === undefined ? "no budget" : showWatts(change.budgetWatts);
  const inTime = showDuration(change.changeTimeMs - nowMs);
  const then = `from ${showTimeOfDay(change.changeTimeMs)} (in ${inTime}) ${next}`;
  return [["warn", now === "" ? then : `${now}, ${then}`]];
}

/** What a curtailment asks here, beside what is drawn; over it in words of its own. */
function toTargetNote(domain: PowerDomain, isUnicode: boolean): readonly Note[] {
  const { targetWatts, drawWatts, curtailmentId } = domain;
  if (targetWatts === undefined) {
    return [];
  }
  const name = curtailmentId === "" ? "curtailment" : `curtailment ${curtailmentId}`;
  const target = `${name}: draw at most ${showWatts(targetWatts)}`;
  if (drawWatts === undefined) {
    return [["busy", `${isUnicode ? "▼" : "v"} ${target}, nothing is measured`]];
  }
  const isOver = drawWatts > targetWatts;
  const distance = showWatts(Math.abs(drawWatts - targetWatts));
  return isOver
    ? [["bad", `${isUnicode ? "▲" : "!"} OVER THE TARGET by ${distance}, ${target}`]]
    : [["busy", `${isUnicode ? "▼" : "v"} ${target}, ${distance} are left`]];
}

function toCapNote(domain: PowerDomain): readonly Note[] {
  const { gpuCappedCount, capSavedWatts } = domain;
  return gpuCappedCount === 0
    ? []
    : [
        [
          "dim",
          `caps: ${showCount(gpuCappedCount)} GPUs below full power, ${showWatts(capSavedWatts)} off the bound`,
        ],
      ];
}

function toServiceNote(domain: PowerDomain, isUnicode: boolean): readonly Note[] {
  const { gpuCordonedCount, gpuLostCount } = domain;
  const cordoned = gpuCordonedCount === 0 ? "" : `${showCount(gpuCordonedCount)} cordoned`;
  if (gpuLostCount === 0) {
    return cordoned === "" ? [] : [["dim", `GPUs: ${cordoned}`]];
  }
  const lost = `${isUnicode ? "✗" : "x"} GPUs: ${showCount(gpuLostCount)} lost or off`;
  return [["bad", cordoned === "" ? lost : `${lost}, ${cordoned}`]];
}

/** Meant so, unlike nodes that are lost. */
function toAsleepNote({ nodeAsleepCount }: PowerDomain): readonly Note[] {
  const word = nodeAsleepCount === 1 ? "node" : "nodes";
  return nodeAsleepCount === 0
    ? []
    : [["dim", `${showCount(nodeAsleepCount)} ${word} asleep to save power`]];
}

/** What must not be overlooked at a domain, each in words of its own. */
function toNotes(domain: PowerDomain, view: PowerView): readonly Note[] {
  const { isUnicode } = view.style;
  return [
    ...toAwayNote(domain, view.style),
    ...toLostSupplyNote(domain, isUnicode),
    ...toExcessNote(domain, isUnicode),
    ...toTargetNote(domain, isUnicode),
    ...toBudgetNote(domain, view.nowMs),
    ...toSupplyNote(domain),
    ...toRampNote(domain),
    ...toCapNote(domain),
    ...toServiceNote(domain, isUnicode),
    ...toAsleepNote(domain),
  ];
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
    const all = toNotes(domain, view);
    notesById.set(
      domain.id,
      all.map(([, note]) => note),
    );
    const notes = all.filter(([, note]) => !isRepeated(note, above));
    rendered.push(renderLine(line, layout, view), ...renderNotes(line.branch, notes, view));
  }
  return rendered;
}
