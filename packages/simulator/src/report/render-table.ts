import type { Outcome } from "./outcome.ts";
import type { Row } from "./row.ts";
import { rowsOf } from "./rows.ts";
import {
  endingText,
  leftJobLines,
  notAskedForText,
  notComparedText,
  obstaclesOf,
} from "./ending.ts";
import { momentText, secondsText } from "../words/words.ts";

/** A run as lines for a terminal. */
export function renderTable(outcome: Outcome): readonly string[] {
  const groups = rowsOf(outcome);
  const width = Math.max(...groups.flatMap(({ rows }) => rows.map(({ name }) => name.length)));
  return [
    `${outcome.title}: ${momentText(outcome.startMs)} to ${momentText(outcome.endMs)} UTC, ${secondsText((outcome.endMs - outcome.startMs) / 1_000)}, seed ${outcome.seed}`,
    ...groups.flatMap(({ title, rows }) => [
      "",
      title,
      ...rows.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`),
    ]),
    ...refusalLines([outcome]),
    ...endingLines([outcome]),
    ...violationLines(outcome),
  ];
}

/** Cells that are longer stand below each other, so that the columns stay side by side on a terminal. */
const cellMax = 24;

/** Two runs beside each other, with what the second changes. */
export function renderComparison(first: Outcome, second: Outcome): readonly string[] {
  const left = rowsOf(first);
  const right = rowsOf(second);
  const titles = [first.title, second.title] as const;
  const obstacles = obstaclesOf([first, second]);
  const lines: Line[] = [{ cells: ["", ...titles, "change"] }];
  left.forEach(({ title, rows }, group) => {
    lines.push({ text: "" }, { text: title });
    rows.forEach((row) => {
      const other = right[group]?.rows.find(({ name }) => name === row.name);
      const change = obstacles.length > 0 ? "" : changeText(row, other);
      lines.push(...besideOrBelow(row, other, titles, change));
    });
  });
  return [
    ...inColumns(lines),
    ...(obstacles.length > 0 ? ["", notComparedText(obstacles)] : []),
    ...refusalLines([first, second]),
    ...endingLines([first, second]),
    ...violationLines(first),
    ...violationLines(second),
  ];
}

type Line = { readonly text: string } | { readonly cells: readonly string[] };

function besideOrBelow(
  row: Row,
  other: Row | undefined,
  titles: readonly [string, string],
  change: string,
): readonly Line[] {
  const texts = [row.text, other?.text ?? ""] as const;
  if (texts.every((text) => text.length <= cellMax)) {
    return [{ cells: [`  ${row.name}`, ...texts, change] }];
  }
  const width = Math.max(...titles.map((title) => title.length));
  return [
    { text: `  ${row.name}${change === "" ? "" : `: ${change}`}` },
    ...titles.map((title, at) => ({ text: `    ${title.padEnd(width)}  ${texts[at] ?? ""}` })),
  ];
}

function inColumns(lines: readonly Line[]): readonly string[] {
  const widths = [0, 1, 2].map((column) =>
    Math.max(...lines.map((line) => ("cells" in line ? (line.cells[column]?.length ?? 0) : 0))),
  );
  return lines.map((line) =>
    "cells" in line
      ? line.cells
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()
      : line.text,
  );
}

/** By how much the second is above the first, in per cent of the first. */
export function changeText(first: Row, second: Row | undefined): string {
  if (first.value === undefined || second?.value === undefined || first.value === 0) {
    return "";
  }
  const part = second.value / first.value - 1;
  const sign = part > 0 ? "+" : "";
  const isGood = first.better !== undefined && (first.better === "higher") === part > 0;
  const word =
    first.better === undefined || Math.abs(part) < 0.0005 ? "" : isGood ? " better" : " worse";
  return `${sign}${(part * 100).toFixed(1)} %${word}`;
}

function refusalLines(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap((outcome) => {
    const { title, refusals, refusedCount } = outcome;
    const more = refusedCount - refusals.length;
    const reason = notAskedForText(outcome);
    return refusedCount === 0
      ? []
      : [
          "",
          `${title}: refused by the scheduler`,
          ...refusals.map((text) => `  ${text}`),
          ...(more > 0 ? [`  and ${more} more`] : []),
          ...(reason === undefined ? [] : [reason]),
        ];
  });
}

function endingLines(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap((outcome) => {
    const text = endingText(outcome);
    const left = leftJobLines(outcome).map((line) => `  ${line}`);
    return text === undefined ? [] : ["", text, ...left];
  });
}

function violationLines(outcome: Outcome): readonly string[] {
  if (outcome.violationCount === 0) {
    return [];
  }
  return [
    "",
    `${outcome.violationCount} broken promises; run it again with: ${outcome.command}`,
    ...outcome.violations.map(
      ({ property, atMs, message }) => `  ${momentText(atMs)}  ${property}: ${message}`,
    ),
  ];
}
