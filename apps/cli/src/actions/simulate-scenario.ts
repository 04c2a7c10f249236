import { scenarios } from "@ertis/simulator";
import { UsageError } from "../usage-error.ts";
import type { SimulateFlags } from "./simulate.ts";

/** Puts the files of a scenario in; what was given beside it stands in for its own. */
export function withScenario(flags: SimulateFlags): SimulateFlags {
  if (flags.scenario === undefined) {
    return flags;
  }
  const found = scenarios.find(({ name }) => name === flags.scenario);
  if (found === undefined) {
    const width = Math.max(...scenarios.map(({ name }) => name.length));
    const lines = scenarios.map(({ name, what }) => `  ${name.padEnd(width)} ${what}`);
    throw new UsageError(`--scenario: "${flags.scenario}" is none of\n${lines.join("\n")}`);
  }
  const events = flags.events ?? found.events;
  const budget = flags.budget ?? found.budget;
  const compare = flags.compare ?? found.compare;
  const rate = flags.rate ?? found.rate;
  return {
    ...flags,
    site: flags.site ?? found.site,
    trace: flags.trace ?? found.trace,
    ...(events === undefined ? {} : { events }),
    ...(budget === undefined ? {} : { budget }),
    ...(compare === undefined ? {} : { compare }),
    ...(rate === undefined ? {} : { rate }),
  };
}
