import type { PowerDomain } from "@ertis/api";
import { showCount, showDuration, showTimeOfDay, showWatts } from "../output/format.ts";
import type { Style, Tone } from "../terminal/style.ts";
import { toPrintable } from "../terminal/text.ts";
import { showAway } from "./away.ts";
import { toRampNote } from "./ramp-note.ts";
import { toSupplyNote } from "./supply-note.ts";

export type Note = readonly [tone: Tone, text: string];

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
    : [["busy", `${isUnicode ? "▼" : "v"} ${target}, ${distance} less are drawn`]];
}

/** Less is free than the limit leaves, although nothing is in force any more. */
function toGivingBackNote(domain: PowerDomain, nowMs: number): readonly Note[] {
  const { givingBackWatts, givingBackCurtailmentId: id, givingBackUntilTimeMs: untilMs } = domain;
  if (givingBackWatts === undefined) {
    return [];
  }
  const until = `${showTimeOfDay(untilMs)} (in ${showDuration(Math.max(0, untilMs - nowMs))})`;
  return [
    [
      "busy",
      `curtailment ${id} is over and gives its watts back step by step until ${until}: at most ${showWatts(givingBackWatts)} now`,
    ],
  ];
}

/** A mean of the minute before may lie above what bounds allow since; that is no breaker over its limit. */
function toOldDrawNote(domain: PowerDomain, nowMs: number): readonly Note[] {
  const { drawWatts = 0, drawTimeMs, boundWatts } = domain;
  const age = showDuration(Math.max(0, nowMs - drawTimeMs));
  return drawWatts > boundWatts ? [["dim", `drawn before bounds fell: measured ${age} ago`]] : [];
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
export function toNotes(domain: PowerDomain, style: Style, nowMs: number): readonly Note[] {
  const { isUnicode } = style;
  return [
    ...toAwayNote(domain, style),
    ...toLostSupplyNote(domain, isUnicode),
    ...toExcessNote(domain, isUnicode),
    ...toTargetNote(domain, isUnicode),
    ...toGivingBackNote(domain, nowMs),
    ...toOldDrawNote(domain, nowMs),
    ...toBudgetNote(domain, nowMs),
    ...toSupplyNote(domain),
    ...toRampNote(domain),
    ...toCapNote(domain),
    ...toServiceNote(domain, isUnicode),
    ...toAsleepNote(domain),
  ];
}
