import { Budget, type SetBudgetResponse } from "@ertis/api";
import { parseWatts, toNumber } from "@ertis/quantities";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { readInstant } from "../job-file/read-instant.ts";
import { showTimeFrom, showWatts } from "../output/format.ts";
import { type Listing, printItems, printOne } from "../output/print.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
import { UsageError } from "../usage-error.ts";
import { floorsToJson, renderBudgetFloors } from "../views/budget-floors.ts";
import { printMoved, withMoved } from "../views/moved-starts.ts";
import { eitherWord } from "./either-word.ts";
import { checkOneEnd, readFor } from "./read-length.ts";
import { withSession } from "./session.ts";
import { withKnownDomain } from "./unknown-domain.ts";

export interface BudgetSetFlags extends ConnectionFlags, OutputFlags {
  readonly from?: string;
  readonly until?: string;
  /** The words of curtailments for the two. */
  readonly start?: string;
  readonly end?: string;
  /** Its length, instead of `until`. */
  readonly for?: string;
  readonly reason?: string;
}

export interface BudgetListFlags extends ConnectionFlags, OutputFlags {
  readonly site?: string;
  readonly domain?: string;
}

function readWatts(text: string): number {
  const parsed = parseWatts(text);
  if (parsed.kind === "error") {
    throw new UsageError(`the limit: ${parsed.message.replace("\u2212", "-")}`);
  }
  return toNumber(parsed.value);
}

/** 0 = not said. */
function readMoment(option: string, text: string | undefined, nowMs: number): number {
  if (text === undefined) {
    return 0;
  }
  const read = readInstant(text, nowMs);
  if (read.kind === "wrong") {
    throw new UsageError(`${option}: ${read.message}`);
  }
  return read.value;
}

function readReason(what: string, reason: string | undefined): string {
  if (reason === undefined || reason.trim() === "") {
    throw new UsageError(
      `${what} needs a reason`,
      'add for example --reason "order of the dispatcher"',
    );
  }
  return reason;
}

function showMoment(timeMs: number, nowMs: number, whenNever: string): string {
  return timeMs === 0 ? whenNever : showTimeFrom(timeMs, nowMs);
}

function createListing(nowMs: number): Listing<Budget> {
  return {
    columns: [
      { title: "BUDGET", cell: ({ id }) => id },
      { title: "DOMAIN", cell: ({ domainId }) => domainId, shrinkTo: 20, cutAt: "start" },
      { title: "LIMIT", align: "right", cell: ({ limitWatts }) => showWatts(limitWatts) },
      { title: "FROM", dropOrder: 2, cell: ({ fromTimeMs }) => showMoment(fromTimeMs, nowMs, "-") },
      {
        title: "UNTIL",
        dropOrder: 4,
        cell: ({ untilTimeMs }) => showMoment(untilTimeMs, nowMs, "open end"),
      },
      { title: "SET BY", cell: ({ setBy }) => setBy, shrinkTo: 6, dropOrder: 1 },
      { title: "REASON", cell: ({ reason }) => reason, shrinkTo: 6, dropOrder: 3 },
    ],
    toJson: (budget) => Budget.toJSON(budget),
    toName: ({ id }) => id,
  };
}

export async function runBudgetList(terminal: Terminal, flags: BudgetListFlags): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const budgets: Budget[] = [];
    const scope = {
      ...(flags.site === undefined ? {} : { site: flags.site }),
      ...(flags.domain === undefined ? {} : { domainId: flags.domain }),
    };
    for await (const budget of session.client.budgets(scope)) {
      budgets.push(budget);
    }
    await printItems(terminal, flags, budgets, createListing(await session.findNowMs()));
    if (budgets.length === 0) {
      terminal.stderr.write("no budgets\n");
    }
    return exitCodes.ok;
  });
}

export async function runBudgetSet(
  terminal: Terminal,
  budget: { readonly id: string; readonly domainId: string; readonly limit: string },
  flags: BudgetSetFlags,
): Promise<ExitCode> {
  const from = eitherWord(["--from", flags.from], ["--start", flags.start]);
  const until = eitherWord(["--until", flags.until], ["--end", flags.end]);
  checkOneEnd("--until", until, flags.for);
  const lengthMs = readFor("a budget", flags.for);
  const limitWatts = readWatts(budget.limit);
  const reason = readReason("a budget", flags.reason);
  return withSession(terminal, flags, async (session) => {
    const nowMs = await session.findNowMs();
    const fromTimeMs = readMoment("--from", from, nowMs);
    const untilTimeMs =
      lengthMs === 0
        ? readMoment("--until", until, nowMs)
        : (fromTimeMs === 0 ? nowMs : fromTimeMs) + lengthMs;
    if (untilTimeMs !== 0 && untilTimeMs <= fromTimeMs) {
      const times = `${showTimeFrom(untilTimeMs, nowMs)} is not after ${showTimeFrom(fromTimeMs, nowMs)}`;
      throw new UsageError(`the budget ends before it begins: ${times}`, "give a later --until");
    }
    const request = {
      budgetId: budget.id,
      domainId: budget.domainId,
      limitWatts,
      fromTimeMs,
      untilTimeMs,
      reason,
    };
    const answer = await withKnownDomain(
      session,
      budget.domainId,
      session.client.setBudget(request),
    );
    const { budget: set, domain, movedStarts } = answer;
    const say = (text: string): void => terminal.stderr.write(`${toPrintable(text)}\n`);
    say(`budget ${budget.id} ${answer.replaced ? "replaced" : "set"}`);
    if (set !== undefined) {
      const setNowMs = await session.findNowMs();
      await printItems(terminal, flags, [set], {
        ...createListing(setNowMs),
        toJson: (item) => ({
          ...withMoved(Budget.toJSON(item), movedStarts),
          ...floorsToJson(answer),
        }),
      });
      printMoved(terminal, flags, movedStarts, setNowMs);
      printFloors(terminal, flags, answer);
    }
    if (set !== undefined && domain !== undefined && set.limitWatts > domain.usableWatts) {
      const carried = `${showWatts(domain.usableWatts)} that ${domain.id} can carry`;
      say(
        `note: ${showWatts(set.limitWatts)} is above the ${carried}: such a budget changes nothing`,
      );
    }
    if (domain !== undefined && domain.excessWatts > 0) {
      const { excessReason } = domain;
      const why = excessReason === "" ? "nothing starts there until it fits" : excessReason;
      say(`OVER BUDGET by ${showWatts(domain.excessWatts)}: ${why}`);
    }
    return exitCodes.ok;
  });
}

/** Below a listing; other formats have them in its items. */
function printFloors(terminal: Terminal, flags: OutputFlags, answer: SetBudgetResponse): void {
  if (flags.output === "table" || flags.output === "wide") {
    const style = findStyle(terminal.env, terminal.stdout);
    const lines = renderBudgetFloors(answer, { style, hasHeaders: flags.headers });
    terminal.stdout.write(lines.map((line) => `${line}\n`).join(""));
  }
}

export async function runBudgetRemove(
  terminal: Terminal,
  id: string,
  flags: ConnectionFlags & OutputFlags & { readonly reason?: string },
): Promise<ExitCode> {
  const reason = readReason("removing a budget", flags.reason);
  return withSession(terminal, flags, async (session) => {
    const { budget } = await session.client.removeBudget(id, reason);
    await printOne(terminal, flags, {
      lines: () => [
        `budget ${toPrintable(id)} removed` +
          (budget === undefined
            ? ""
            : ` (it was ${showWatts(budget.limitWatts)} on ${toPrintable(budget.domainId)})`),
      ],
      json: budget === undefined ? {} : Budget.toJSON(budget),
      name: id,
    });
    return exitCodes.ok;
  });
}
