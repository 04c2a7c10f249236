import { escapeHtml } from "./escape.ts";
import type { Mark } from "../marks.ts";
import { markKey, renderMarks } from "./chart-marks.ts";
import { ticksTo, type TimeTick, timeTicks } from "./scale.ts";

/** One line of a chart. Undefined values leave a gap. */
export interface ChartLine {
  readonly name: string;
  readonly values: readonly (number | undefined)[];
  /** Which colour of the style sheet. */
  readonly tone: "draw" | "bound" | "limit" | "budget" | "target" | "other" | "loss";
  readonly form: "area" | "line" | "dashes";
}

export interface Chart {
  readonly title: string;
  /** What a reader should see in it. */
  readonly note: string;
  readonly lines: readonly ChartLine[];
  /** What happened to the site in its time. */
  readonly marks: readonly Mark[];
  readonly timesMs: readonly number[];
  /** Where the values end, and where the axis does: as far as that of the chart beside it. */
  readonly untilMs: number;
  readonly axisUntilMs: number;
  /** The same for charts that are compared. */
  readonly highest: number;
  readonly valueText: (value: number) => string;
}

const width = 1_000;
const height = 400;

/**
 * A chart whose lines stretch with the page while its words keep their size: the lines are SVG without
 * a fixed shape, the words stand beside it.
 */
export function renderChart(chart: Chart): string {
  const fromMs = chart.timesMs[0] ?? 0;
  const spanMs = Math.max(1, chart.axisUntilMs - fromMs);
  const ticks = ticksTo(chart.highest);
  const top = ticks.at(-1) ?? 1;
  const x = (atMs: number): number => round(((atMs - fromMs) / spanMs) * width);
  const y = (value: number): number => round(height - (Math.min(value, top) / top) * height);
  const times = timeTicks(fromMs, chart.axisUntilMs);
  const paths = chart.lines
    .filter(({ values }) => values.some((value) => value !== undefined))
    .map((line) => renderLine(line, chart, x, y));
  const left = (atMs: number): string => (x(atMs) / (width / 100)).toFixed(2);
  return [
    `<figure class="chart"><figcaption><b>${escapeHtml(chart.title)}</b><span>${escapeHtml(chart.note)}</span></figcaption>`,
    `<div class="plot"><div class="y">${ticks.map((tick) => `<span style="bottom:${((tick / top) * 100).toFixed(2)}%">${escapeHtml(chart.valueText(tick))}</span>`).join("")}</div>`,
    `<div class="area"><svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(`${chart.title}: ${chart.note}`)}">`,
    ...ticks.map((tick) => `<path class="grid" d="M0 ${y(tick)}H${width}"/>`),
    ...times.map(({ atMs }) => `<path class="grid" d="M${x(atMs)} 0V${height}"/>`),
    ...paths,
    renderMarks(chart.marks, x, height),
    "</svg></div>",
    `<div class="x">${times.map(({ atMs, text }, at) => `<span${isShownNarrow(times, at) ? "" : ' class="spare"'} style="left:${left(atMs)}%">${escapeHtml(text)}</span>`).join("")}</div></div>`,
    renderKey(chart),
    "</figure>",
  ].join("");
}

/** A narrow page has room for so many. */
const narrowTicksMax = 3;

/** Else every other one is shown there; dates are among them, or nobody could tell one noon from the next. */
function isShownNarrow(times: readonly TimeTick[], at: number): boolean {
  const firstDate = times.findIndex(({ isDate }) => isDate);
  return times.length <= narrowTicksMax || (at - Math.max(0, firstDate)) % 2 === 0;
}

function renderLine(
  line: ChartLine,
  chart: Chart,
  x: (atMs: number) => number,
  y: (value: number) => number,
): string {
  const runs = runsOf(line, chart);
  if (line.form === "area") {
    const d = runs
      .map(
        ({ points, endMs }) =>
          `M${x(points[0]?.atMs ?? 0)} ${height}${stairs(points, x, y, "L")}H${x(endMs)}V${height}Z`,
      )
      .join("");
    return `<path class="fill ${line.tone}" d="${d}"/>`;
  }
  const d = runs.map(({ points, endMs }) => `${stairs(points, x, y, "M")}H${x(endMs)}`).join("");
  return `<path class="${line.form} ${line.tone}" d="${d}"/>`;
}

interface Point {
  readonly atMs: number;
  readonly value: number;
}

interface Run {
  readonly points: readonly Point[];
  readonly endMs: number;
}

/** Stretches without a gap. */
function runsOf({ values }: ChartLine, { timesMs, untilMs }: Chart): readonly Run[] {
  const runs: Run[] = [];
  let points: Point[] = [];
  timesMs.forEach((atMs, at) => {
    const value = values[at];
    if (value !== undefined) {
      points.push({ atMs, value });
    } else if (points.length > 0) {
      runs.push({ points, endMs: atMs });
      points = [];
    }
  });
  return points.length > 0 ? [...runs, { points, endMs: untilMs }] : runs;
}

/** Values that stay until the next one: along, then up or down. */
function stairs(
  points: readonly Point[],
  x: (atMs: number) => number,
  y: (value: number) => number,
  begin: "M" | "L",
): string {
  let path = "";
  let before = Number.NaN;
  for (const { atMs, value } of points) {
    const level = y(value);
    if (path === "") {
      path = `${begin}${x(atMs)} ${level}`;
    } else if (level !== before) {
      path += `H${x(atMs)}V${level}`;
    }
    before = level;
  }
  return path;
}

function renderKey({ lines, marks, valueText }: Chart): string {
  const items = lines
    .filter(({ values }) => values.some((value) => value !== undefined))
    .map(({ name, tone, form, values }) => {
      const last = values.findLast((value) => value !== undefined);
      const highest = values.reduce<number>((most, value) => Math.max(most, value ?? most), 0);
      const figure = form === "dashes" ? valueText(last ?? 0) : `up to ${valueText(highest)}`;
      return `<li><i class="${tone} ${form}"></i>${escapeHtml(name)} <small>${escapeHtml(figure)}</small></li>`;
    });
  return `<ul class="key">${[...items, ...markKey(marks)].join("")}</ul>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
