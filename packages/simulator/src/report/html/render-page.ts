import type { Outcome } from "../outcome.ts";
import {
  endingText,
  leftJobLines,
  notAskedForText,
  notComparedText,
  obstaclesOf,
} from "../ending.ts";
import { changeText } from "../render-table.ts";
import type { Row } from "../row.ts";
import { rowsOf } from "../rows.ts";
import {
  countText,
  momentText,
  noneText,
  numberText,
  percentText,
  secondsText,
} from "../../words/words.ts";
import { renderChart } from "./chart.ts";
import { renderMarkList } from "./chart-marks.ts";
import { type ChartGroup, chartsOf } from "./charts-of.ts";
import { escapeHtml } from "./escape.ts";
import { pageStyle } from "./style.ts";

/** One run, or two side by side, as a page that needs nothing else: no network, no script. */
export function renderPage(outcomes: readonly Outcome[]): string {
  const title = titleOf(outcomes);
  const kind = outcomes.length > 1 ? "pair" : "single";
  return [
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${pageStyle}</style></head>`,
    `<body><main class="${kind}">`,
    `<h1>${escapeHtml(title)}</h1>`,
    ...outcomes.map((outcome) => renderVerdict(outcome, outcomes.length > 1)),
    renderFigures(outcomes),
    ...outcomes.map(({ title: name, marks }) =>
      renderMarkList(marks, outcomes.length > 1 ? ` in ${name}` : ""),
    ),
    ...chartsOf(outcomes).map((group) => renderGroup(group, outcomes)),
    ...outcomes.map((outcome) => renderSource(outcome, outcomes.length > 1)),
    "</main></body></html>\n",
  ].join("");
}

/** What was run, and how the runs differ. */
function titleOf(outcomes: readonly Outcome[]): string {
  const [first] = outcomes;
  const subjects = new Set(outcomes.map(({ subject }) => subject));
  const names = outcomes.map(({ title, subject }) =>
    subjects.size > 1 ? `${title} (${subject})` : title,
  );
  const differ = names.join(" beside ");
  return outcomes.length > 1 && subjects.size === 1
    ? `${first?.subject ?? ""}: ${differ}`
    : outcomes.length > 1
      ? differ
      : (first?.subject ?? "");
}

function renderSetting(outcome: Outcome): string {
  const lasted = secondsText((outcome.endMs - outcome.startMs) / 1_000);
  const moment = (atMs: number): string => `<span class="whole">${momentText(atMs)}</span>`;
  const site = escapeHtml(`${outcome.site}, ${numberText(outcome.gpuCount)} GPUs`);
  return `<p>${site}; ${moment(outcome.startMs)} to ${moment(outcome.endMs)} UTC (${lasted}); seed ${outcome.seed}; ${numberText(outcome.eventCount)} events, each checked</p>`;
}

/** What is asked first, in large letters. */
function renderVerdict(outcome: Outcome, isNamed: boolean): string {
  const { jobs, promises, violationCount, budgetUsed } = outcome;
  const ofJobs = (text: string): string => (jobs.endedCount === 0 ? noneText : text);
  const ofWhom = jobs.unfinishedCount === 0 ? "" : " of those that ended";
  const cards: readonly (readonly [string, string, string])[] = [
    [
      violationCount === 0 ? "good" : "bad",
      String(violationCount),
      violationCount === 1 ? "promise broken" : "promises broken",
    ],
    [
      promises.brokenCount > 0
        ? "bad"
        : promises.keptCount === promises.promisedCount
          ? "good"
          : "",
      promises.promisedCount === 0
        ? noneText
        : percentText(promises.keptCount / promises.promisedCount),
      "of promised starts kept",
    ],
    ["", ofJobs(numberText(jobs.slowdown10s.mean)), `mean bounded slowdown (10 s)${ofWhom}`],
    ["", ofJobs(secondsText(jobs.waitSeconds.mean)), `mean wait${ofWhom}`],
    ["", percentText(budgetUsed), "drawn of what was allowed"],
    ["", numberText(outcome.gpuHours.kept), "GPU-hours done"],
  ];
  const items = cards.map(
    ([tone, figure, what]) =>
      `<li><b${tone === "" ? "" : ` class="${tone}"`}>${escapeHtml(figure)}</b><span>${escapeHtml(what)}</span></li>`,
  );
  const name = isNamed ? `<p class="run">${escapeHtml(outcome.title)}</p>` : "";
  const ending = endingText(outcome);
  const said =
    ending === undefined ? "" : `<p class="bad">${escapeHtml(ending)}</p>${renderLeft(outcome)}`;
  const list = `<ul class="verdict">${items.join("")}</ul>`;
  return `${name}${renderSetting(outcome)}${list}${said}${renderRefusals(outcome)}${renderViolations(outcome)}`;
}

function renderLeft(outcome: Outcome): string {
  const items = leftJobLines(outcome).map((line) => `<li>${escapeHtml(line)}</li>`);
  return items.length === 0
    ? ""
    : `<details><summary>Jobs that are left, and why</summary><ul>${items.join("")}</ul></details>`;
}

function renderViolations({ violations, command }: Outcome): string {
  if (violations.length === 0) {
    return "";
  }
  const items = violations.map(
    ({ atMs, property, message }) =>
      `<li>${escapeHtml(`${momentText(atMs)} ${property}: ${message}`)}</li>`,
  );
  return `<details open><summary>Broken promises; run it again with</summary><code>${escapeHtml(command)}</code><ul>${items.join("")}</ul></details>`;
}

function renderFigures(outcomes: readonly Outcome[]): string {
  const [first, second] = outcomes.map(rowsOf);
  if (first === undefined) {
    return "";
  }
  const obstacles = second === undefined ? [] : obstaclesOf(outcomes);
  const columnCount = second === undefined ? 2 : 4;
  const head =
    second === undefined
      ? ""
      : `<thead><tr><th></th>${outcomes.map(({ title }) => `<th>${escapeHtml(title)}</th>`).join("")}<th>change</th></tr></thead>`;
  const bodies = first.map(({ title, rows }, group) => {
    const lines = rows.map((row) => {
      const other = second?.[group]?.rows.find(({ name }) => name === row.name);
      return renderRow(row, other, obstacles.length === 0);
    });
    return `<tbody class="group"><tr><th colspan="${columnCount}">${escapeHtml(title)}</th></tr>${lines.join("")}</tbody>`;
  });
  const warning =
    obstacles.length === 0 ? "" : `<p class="bad">${escapeHtml(notComparedText(obstacles))}</p>`;
  return `<h2>Figures</h2>${warning}<div class="scroll"><table>${head}${bodies.join("")}</table></div>`;
}

function renderRow(row: Row, other: Row | undefined, isCompared: boolean): string {
  const cell = ({ text, isBad }: Row): string =>
    `<td${isBad === true ? ' class="bad"' : ""}>${escapeHtml(text)}</td>`;
  const name = `<td>${escapeHtml(row.name)}</td>`;
  if (other === undefined) {
    return `<tr>${name}${cell(row)}</tr>`;
  }
  const change = isCompared ? changeText(row, other) : "";
  const tone = change.endsWith("better") ? "good" : change.endsWith("worse") ? "bad" : "";
  return `<tr>${name}${cell(row)}${cell(other)}<td class="${tone}">${escapeHtml(change)}</td></tr>`;
}

function renderGroup({ title, note, rows }: ChartGroup, outcomes: readonly Outcome[]): string {
  const isPower = title === "Power";
  const body = rows.map(
    (charts, at) =>
      `<div class="row${isPower && at === 0 ? " wide" : ""}">${charts.map((chart, run) => renderChart(outcomes.length > 1 ? { ...chart, title: `${chart.title} · ${outcomes[run]?.title ?? ""}` } : chart)).join("")}</div>`,
  );
  return `<h2>${escapeHtml(title)}</h2><p>${escapeHtml(note)}</p><div class="rows">${body.join("")}</div>`;
}

/** What a person asked for and did not get. */
function renderRefusals(outcome: Outcome): string {
  const { refusals, refusedCount } = outcome;
  const reason = notAskedForText(outcome);
  const said = reason === undefined ? "" : `<p class="bad">${escapeHtml(reason)}</p>`;
  const items = refusals.map((text) => `<li>${escapeHtml(text)}</li>`);
  return items.length === 0
    ? ""
    : `${said}<details open><summary class="bad">Refused by the scheduler: ${countText(refusedCount)}</summary><ul>${items.join("")}</ul></details>`;
}

function renderSource({ rules, command, title }: Outcome, isNamed: boolean): string {
  const heading = isNamed ? `${title}: how it was made` : "How this run was made";
  return `<h2>${escapeHtml(heading)}</h2><p><code>${escapeHtml(command)}</code></p><details><summary>Rules</summary><ul>${rules.map((rule) => `<li>${escapeHtml(rule)}</li>`).join("")}</ul></details>`;
}
