import { momentText } from "../../words/words.ts";
import type { Mark } from "../marks.ts";
import { escapeHtml } from "./escape.ts";

const names: Readonly<Record<Mark["kind"], string>> = {
  curtailment: "curtailment",
  supply: "lost supply",
  failure: "lost nodes",
  unheard: "no telemetry or no orders",
};

/** `2026-01-05 12:00 to 13:00, curtailment evening at hub`. */
function markText({ text, domain, fromMs, untilMs }: Mark): string {
  return `${spanText(fromMs, untilMs)}, ${text} at ${domain}`;
}

function spanText(fromMs: number, untilMs: number): string {
  const [from, until] = [momentText(fromMs), momentText(untilMs)];
  const isSameDay = from.slice(0, 10) === until.slice(0, 10);
  return untilMs === fromMs ? from : `${from} to ${isSameDay ? until.slice(11) : until}`;
}

/** How deep the strip is that stands over the length of a mark, in units of the plot. */
const stripHeight = 10;

/** Lines where each begins and ends, and a strip above what is between them. */
export function renderMarks(
  marks: readonly Mark[],
  x: (atMs: number) => number,
  height: number,
): string {
  return marks
    .map((mark) => {
      const [from, until] = [x(mark.fromMs), x(mark.untilMs)];
      const title = `<title>${escapeHtml(markText(mark))}</title>`;
      const ends =
        until > from ? `M${from} 0V${height}M${until} 0V${height}` : `M${from} 0V${height}`;
      const strip =
        until > from
          ? `<rect class="strip" x="${from}" y="0" width="${(until - from).toFixed(1)}" height="${stripHeight}"/>`
          : "";
      return `<g class="mark ${mark.kind}">${title}<path d="${ends}"/>${strip}</g>`;
    })
    .join("");
}

/** One line of the key a kind: when, or how many. */
export function markKey(marks: readonly Mark[]): readonly string[] {
  return [...Map.groupBy(marks, ({ kind }) => kind)].map(([kind, all]) => {
    const [first] = all;
    const figure =
      all.length === 1 && first !== undefined
        ? spanText(first.fromMs, first.untilMs)
        : `${all.length} times`;
    return `<li><i class="mark ${kind}"></i>${names[kind]} <small>${escapeHtml(figure)}</small></li>`;
  });
}

/** For those who cannot hover, or print it. */
export function renderMarkList(marks: readonly Mark[], where: string): string {
  const items = marks.map((mark) => `<li>${escapeHtml(markText(mark))}</li>`);
  return items.length === 0
    ? ""
    : `<details><summary>What happened to the site${escapeHtml(where)}, ${items.length} in all</summary><ul>${items.join("")}</ul></details>`;
}
