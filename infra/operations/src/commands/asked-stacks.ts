import { productionSettings, type RunSettings } from "../settings/run-settings.ts";
import { requireToolchain } from "../settings/toolchain.ts";
import { readPlans } from "../stacks/read-plans.ts";
import { selectStacks } from "../stacks/select-stacks.ts";
import { listStacks, type StackEntry } from "../stacks/stack-list.ts";
import { checkSettings } from "./check-first.ts";
import { openLocal } from "./local-run.ts";

/** The stacks that a command names, or all of them, with what it takes to work on them. */
export async function askedStacks(
  names: readonly string[],
  options: { readonly local?: boolean },
): Promise<{ readonly settings: RunSettings; readonly asked: readonly StackEntry[] }> {
  const toolchain = await requireToolchain();
  const settings =
    options.local === true ? await openLocal(toolchain) : productionSettings(toolchain);
  const every = listStacks(readPlans(settings.hostsPerSiteCount));
  const asked = names.length === 0 ? every : selectStacks(every, names);
  checkSettings(asked);
  return { settings, asked };
}
