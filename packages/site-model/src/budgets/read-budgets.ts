import type { Watts } from "@ertis/quantities";
import { name, power } from "../fields.ts";
import {
  Block,
  describe,
  type Located,
  type Place,
  type Problems,
  quotedText,
  type TextResult,
  type Value,
} from "../reader/index.ts";
import type { Recurrence } from "../site.ts";
import { checkSources } from "../sources.ts";
import { dayNames, monthNames, readNames } from "./calendar-sets.ts";
import { readDayPart, readMoment, readOffset, wholeDay } from "./times.ts";
import { budgetWindows } from "./windows.ts";

/** A budget of the file, checked by itself; its domain is looked up once the tree is planned. */
export interface DeclaredBudget {
  readonly at: Place;
  readonly name: string;
  /** Path below the site; empty for the feed. */
  readonly domain: Located<string>;
  readonly ceilingWatts: Located<Watts>;
  readonly fromMs: number;
  readonly untilMs: number | undefined;
  readonly recurring: Recurrence | undefined;
  readonly reason: string;
}

const mostBudgets = 100;

const shape = {
  what: "a budget",
  keys: ["name", "domain", "ceiling", "from", "until", "every", "reason", "source"],
} as const;

/** Reads the list of ceilings that are known ahead. Wrong ones are reported and left out. */
export function readBudgets(
  problems: Problems,
  value: Value | undefined,
): readonly DeclaredBudget[] {
  if (value === undefined) {
    return [];
  }
  if (value.kind !== "list") {
    problems.add(
      value.at,
      `found ${describe(value)}, but budgets is a list like - {name: winter, ceiling: 240 MW, from: …}`,
    );
    return [];
  }
  if (value.items.length > mostBudgets) {
    problems.add(
      value.at,
      `found ${value.items.length} budgets, at most ${mostBudgets} are allowed: write recurring ones with every`,
    );
    return [];
  }
  const budgets: DeclaredBudget[] = [];
  for (const item of value.items) {
    const budget = readBudget(problems, item);
    if (budget !== undefined && budgets.some((one) => one.name === budget.name)) {
      problems.add(budget.at, `duplicate name "${budget.name}": rename or remove one`);
    } else if (budget !== undefined) {
      budgets.push(budget);
    }
  }
  return budgets;
}

function readBudget(problems: Problems, item: Value): DeclaredBudget | undefined {
  const block = Block.open(problems, item, shape);
  if (block === undefined) {
    return undefined;
  }
  checkSources(block, ["ceiling"]);
  const budgetName = block.text("name", name, "winter-evening");
  const ceilingWatts = block.text("ceiling", power, "240 MW");
  const from = block.text("from", readMoment, "2026-11-01T00:00+05:00");
  const until = block.optionalText("until", readMoment);
  const reason = block.text("reason", readReason, "contract of the winter");
  const every = block.entry("every");
  const recurring = every === undefined ? undefined : readRecurrence(problems, every.value);
  if (every !== undefined && !block.has("until")) {
    problems.add(
      every.keyAt,
      "a recurring budget without until: say how far ahead it is known, for example until: 2031-03-01T00:00+05:00",
    );
    return undefined;
  }
  if (budgetName === undefined || ceilingWatts === undefined || from === undefined) {
    return undefined;
  }
  const budget: DeclaredBudget = {
    at: budgetName.at,
    name: budgetName.value,
    domain: block.optionalText("domain", readPath) ?? { value: "", at: block.at },
    ceilingWatts,
    fromMs: from.value,
    untilMs: until?.value,
    recurring,
    reason: reason?.value ?? "",
  };
  checkSpan(problems, budget, until?.at ?? from.at);
  return budget;
}

function checkSpan(problems: Problems, budget: DeclaredBudget, at: Place): void {
  const { fromMs, untilMs, recurring } = budget;
  if (untilMs !== undefined && untilMs <= fromMs) {
    problems.add(at, "until is not after from: give a later end");
  } else if (recurring !== undefined && untilMs !== undefined) {
    if (budgetWindows(budget, { fromMs, untilMs }).length === 0) {
      problems.add(
        budget.at,
        "this budget is never in force: no such day lies between from and until",
      );
    }
  }
}

function readRecurrence(problems: Problems, value: Value): Recurrence | undefined {
  const block = Block.open(problems, value, {
    what: "every",
    keys: ["months", "days", "hours", "utcOffset"],
  });
  if (block === undefined) {
    return undefined;
  }
  const utcOffset = block.text("utcOffset", readOffset, '"+05:00"');
  const hours = block.optionalText("hours", readDayPart);
  return {
    utcOffsetMinutes: utcOffset?.value ?? 0,
    months: readNames(problems, block.optional("months"), monthNames),
    daysOfWeek: readNames(problems, block.optional("days"), dayNames),
    ...(hours?.value ?? wholeDay),
  };
}

const longestPath = 253;

function readPath(text: string): TextResult<string> {
  return /^[a-z0-9-]+(\/[a-z0-9-]+)*$/.test(text) && text.length <= longestPath
    ? { value: text }
    : {
        wrong: `${quotedText(text)} is not a path below the site: write for example substation-1/hall-2, or nothing for the feed`,
      };
}

function readReason(text: string): TextResult<string> {
  return /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}$/u.test(text)
    ? { value: text }
    : { wrong: `found ${quotedText(text)}, but a reason has 1 to 200 printable characters` };
}
