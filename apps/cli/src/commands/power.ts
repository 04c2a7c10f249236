import type { Command } from "commander";
import type { PowerFlags } from "../actions/power.ts";
import { parseWhole } from "./jobs.ts";
import { addConnectionOptions, addExamples, addOutputOptions } from "./options.ts";
import type { Runtime } from "./runtime.ts";

function addPower(program: Command, runtime: Runtime): void {
  const command = program
    .command("power [domain]")
    .summary("show the power tree: used, budget, limit")
    .description(
      "Shows the power tree of all sites, of one site, or below one domain. USED is the most that may be drawn " +
        "now, CEILING the budget or the usable limit, whichever is lower. A domain over its budget says so.",
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

/** Power. */
export function addPowerCommands(program: Command, runtime: Runtime): void {
  program.commandsGroup("Power:");
  addPower(program, runtime);
}
