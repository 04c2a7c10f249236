import { addonsOf } from "@ertis/charts";
import { addonHealth } from "../health/addon-health.ts";
import { healthText, type StackHealth } from "../health/health-text.ts";
import { countOf } from "../output/count-of.ts";
import type { Output } from "../output/output.ts";
import { exitCodes } from "../problem.ts";
import type { ExitCode } from "../problem.ts";
import { createObjectReader } from "../recovery/live-object.ts";
import { exportState } from "../recovery/state-export.ts";
import { askedStacks } from "./asked-stacks.ts";
import { knownStacks } from "./known-stacks.ts";

export interface HealthOptions {
  readonly local?: boolean;
  readonly json?: boolean;
}

/** Looks at the workload of every add-on of the stacks that are up. Changes nothing. */
export async function health(
  names: readonly string[],
  options: HealthOptions,
  output: Output,
): Promise<ExitCode> {
  const isLocal = options.local === true;
  const { settings, asked } = await askedStacks(names, options);
  const rows: StackHealth[] = [];
  for (const entry of await knownStacks(asked, settings)) {
    if (entry.project === "inventory" || entry.project === "clusters") {
      continue;
    }
    const workspace = settings.workspaceOf(entry);
    const state = await exportState(workspace, { withSecrets: true });
    if (state !== undefined) {
      const read = createObjectReader(state, workspace.environment);
      const found = await addonHealth(addonsOf(entry.project), { state, read, isLocal });
      rows.push(...found.map((one) => ({ stack: entry.name, ...one })));
    }
  }
  printHealth(rows, options, output);
  return rows.some(({ result }) => result === "unhealthy") ? exitCodes.failed : exitCodes.ok;
}

function printHealth(rows: readonly StackHealth[], { json }: HealthOptions, output: Output): void {
  if (json === true) {
    output.print(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  output.print(healthText(rows));
  const badCount = rows.filter(({ result }) => result === "unhealthy").length;
  output.say(`${countOf(rows.length, "add-on")}, ${badCount} unhealthy`);
}
