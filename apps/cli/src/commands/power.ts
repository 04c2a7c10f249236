import type { Command } from "commander";
import type { BudgetListFlags, BudgetSetFlags } from "../actions/budget.ts";
import type { PowerFlags } from "../actions/power.ts";
import type { TopFlags } from "../actions/top.ts";
import { parseWhole } from "./filter-options.ts";
import {
  addConnectionOptions,
  addExamples,
  addOutputOptions,
  type ConnectionFlags,
  otherName,
  type OutputFlags,
} from "./options.ts";
import type { Runtime } from "./runtime.ts";

function addPower(program: Command, runtime: Runtime): void {
  const command = program
    .command("power [domain]")
    .summary("show the power tree: bound, budget, limit")
    .description(
      "Shows the power tree of all sites, of one site, or below one domain. AT MOST is the bound: the " +
        "most that may be drawn now, not a measurement. BUDGET is the ceiling somebody set, LIMIT what the " +
        "breakers carry, FREE what this domain and all above it leave, DRAW the last measured mean. A domain over its budget says so; " +
        "targets of curtailments, what caps take off, and limits of ramps with the unplanned changes that came (ends nobody announced, idle nodes that switch off " +
        "or fail) stand below their domain. " +
        "A narrow terminal shows fewer columns. " +
        "The bar is as long as the usable limit: █ bound, ░ free, │ the budget, · closed by it, ▓ bound beyond it.",
    )
    .option("--depth <levels>", "levels below the root; 0 = all", parseWhole, 2);
  addOutputOptions(command).option("-w, --watch", "follow the changes");
  addConnectionOptions(command);
  addExamples(
    command,
    ["ertis power", "all sites, down to the halls"],
    ["ertis power pavlodar-hub/substation-1/hall-2 --depth 0", "one hall, down to the racks"],
    ["ertis power --watch", "follow it"],
  ).action(async (domain: string | undefined, flags: PowerFlags) => {
    const { runPower } = await import("../actions/power.ts");
    await runtime.finish(runPower(runtime.terminal, domain ?? "", flags), flags);
  });
}

function addTop(program: Command, runtime: Runtime): void {
  const command = program
    .command("top [domain]")
    .summary("follow power and queue together")
    .description("Draws the power tree above and the queue below, until Ctrl-C.")
    .option("--depth <levels>", "levels below the root; 0 = all", parseWhole, 2);
  addConnectionOptions(command);
  addExamples(
    command,
    ["ertis top", "everything"],
    ["ertis top ai-data-center --depth 3", "one site, down to the rows"],
  ).action(async (domain: string | undefined, flags: TopFlags) => {
    const { runTop } = await import("../actions/top.ts");
    await runtime.finish(runTop(runtime.terminal, domain ?? "", flags), flags);
  });
}

function addBudgetSet(budget: Command, runtime: Runtime): void {
  const command = budget
    .command("set <id> <domain> <limit>")
    .summary("set a budget, or replace the one with this id")
    .description(
      "Sets a ceiling on a domain for a window of time; where several overlap, the lowest acts. It may be lower " +
        "than what runs: then caps fall there as far as tiers allow, and nothing starts until it fits. Operators only.",
    )
    .option(
      "--from <when>",
      'beginning, also --start: now, now+2h, 18:00, "2026-11-25 18:00"; default: now',
    )
    .addOption(otherName("--start", "--from"))
    .option("--until <when>", "end, also --end; default: open")
    .addOption(otherName("--end", "--until"))
    .option("--for <length>", "length, instead of --until: 4h")
    .option("--reason <text>", "why, for the record; required");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(
    command,
    [
      'ertis budget set evening pavlodar-hub "12 MW" --from 18:00 --until 22:00 --reason "evening peak"',
      "a ceiling for the evening",
    ],
    [
      'ertis budget set repair pavlodar-hub/substation-1 "30 MW" --for 2h --reason "transformer 2 is inspected"',
      "a ceiling for two hours from now on",
    ],
    [
      'ertis budget set hall-2 pavlodar-hub/substation-1/hall-2 "900 kW" --reason "chiller 3 is out"',
      "a ceiling from now on, until it is removed",
    ],
  ).action(async (id: string, domainId: string, limit: string, flags: BudgetSetFlags) => {
    const { runBudgetSet } = await import("../actions/budget.ts");
    await runtime.finish(runBudgetSet(runtime.terminal, { id, domainId, limit }, flags), flags);
  });
}

function addBudgetList(budget: Command, runtime: Runtime): void {
  const command = budget
    .command("list", { isDefault: true })
    .summary("list budgets in force or still to come")
    .option("--site <site>", "on domains of this site")
    .option("--domain <domain>", "on this domain");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(
    command,
    ["ertis budget list", "all of them"],
    ["ertis budget list --site pavlodar-hub -o json", "those of one site, for a program"],
  ).action(async (flags: BudgetListFlags) => {
    const { runBudgetList } = await import("../actions/budget.ts");
    await runtime.finish(runBudgetList(runtime.terminal, flags), flags);
  });
}

function addBudgetRemove(budget: Command, runtime: Runtime): void {
  const command = budget
    .command("remove <id>")
    .summary("remove a budget")
    .description("Removes a budget, at once. Operators only.")
    .option("--reason <text>", "why, for the record; required");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    'ertis budget remove hall-2 --reason "chiller 3 is back"',
    "the domain may be used up to its limit again",
  ]).action(
    async (id: string, flags: ConnectionFlags & OutputFlags & { readonly reason?: string }) => {
      const { runBudgetRemove } = await import("../actions/budget.ts");
      await runtime.finish(runBudgetRemove(runtime.terminal, id, flags), flags);
    },
  );
}

/** Everything about power. */
export function addPowerCommands(program: Command, runtime: Runtime): void {
  program.commandsGroup("Power:");
  addPower(program, runtime);
  addTop(program, runtime);
  const budget = program
    .command("budget")
    .summary("set, list and remove budgets")
    .description("Budgets: ceilings on the power of a domain over a window of time.")
    .enablePositionalOptions();
  addBudgetSet(budget, runtime);
  addBudgetList(budget, runtime);
  addBudgetRemove(budget, runtime);
}
