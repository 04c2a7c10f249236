import { createInterface } from "node:readline/promises";
import { runGuarded } from "../engine/run-guarded.ts";
import { countOf } from "../output/count-of.ts";
import type { Output } from "../output/output.ts";
import { exitCodes } from "../problem.ts";
import type { ExitCode } from "../problem.ts";
import { isNothing } from "../recovery/recover.ts";
import type { Recovery } from "../recovery/recover.ts";
import { policyPack, productionSettings } from "../settings/run-settings.ts";
import type { RunSettings } from "../settings/run-settings.ts";
import { requireToolchain } from "../settings/toolchain.ts";
import { readPlans } from "../stacks/read-plans.ts";
import { selectStacks } from "../stacks/select-stacks.ts";
import { listStacks } from "../stacks/stack-list.ts";
import type { StackEntry } from "../stacks/stack-list.ts";
import { afterNeeds } from "../stacks/stack-order.ts";
import { backUpState } from "../state/back-up-state.ts";
import { writeManagementOutputs } from "../state/management-outputs.ts";
import { stackPresence } from "../state/stack-presence.ts";
import { checkSettings, requireDelivered, requirePredecessors } from "./check-first.ts";
import { lookFirst } from "./look-first.ts";
import { requireManagement } from "./require-management.ts";
import { isGood, runStacks } from "./run-stacks.ts";
import type { StackOutcome } from "./run-stacks.ts";
import { previewEntries } from "./preview.ts";
import { printSummary } from "./summary-table.ts";

export interface UpOptions {
  readonly yes?: boolean;
}

/** Brings stacks of the production profile up, in order, after a preview of all of them: always. */
export async function up(
  names: readonly string[],
  options: UpOptions,
  output: Output,
): Promise<ExitCode> {
  const every = listStacks(readPlans(undefined));
  const entries =
    names.length === 0 ? every.filter(({ isBuilt }) => isBuilt) : selectStacks(every, names);
  checkSettings(entries);
  const toolchain = await requireToolchain();
  const settings = productionSettings(toolchain);
  requireDelivered(entries);
  await requireManagement(process.env["KUBECONFIG"]);
  await requirePredecessors(entries, async (name) => stackPresence(settings.workspaceOf(name)));
  await publishManagementOutputs(settings);
  await lookFirst({
    isAnswered: options.yes === true,
    canAsk: output.isScreen && process.stdin.isTTY,
    preview: async () => previewEntries(entries, settings, output),
    ask: async () => askToGoOn(entries.length),
  });
  const startedMs = performance.now();
  const outcomes = await upAll(entries, settings, output);
  printSummary(outcomes, (performance.now() - startedMs) / 1000, output);
  return outcomes.every(isGood) ? exitCodes.ok : exitCodes.failed;
}

/**
 * A stack after those whose outputs it reads; halls do not wait for each other, and two stacks run side by
 * side. The first failure ends it.
 */
export async function upAll(
  entries: readonly StackEntry[],
  settings: RunSettings,
  output: Output,
): Promise<readonly StackOutcome[]> {
  return runStacks({
    entries,
    waitsFor: afterNeeds,
    output,
    tense: "done",
    laneCount: 2,
    stopsAtFailure: true,
    run: async (entry, onProgress) => {
      const workspace = settings.workspaceOf(entry);
      if (settings.profile === "production" && entry.project === "management") {
        const copy = backUpState(workspace);
        if (copy !== undefined) {
          output.say(`        state of ${entry.name} copied to ${copy}`);
        }
      }
      const result = await runGuarded(
        workspace,
        { command: "up", policyPack, onProgress },
        (recovery) => sayRecovery(entry, recovery, output),
      );
      if (entry.project === "management") {
        await publishManagementOutputs(settings);
      }
      return result;
    },
  });
}

/** Lets the stacks of another backend read what `management/main` made. */
async function publishManagementOutputs(settings: RunSettings): Promise<void> {
  const { managementOutputsFile } = settings;
  if (managementOutputsFile !== undefined) {
    const workspace = settings.workspaceOf({ project: "management", stack: "main" });
    await writeManagementOutputs(workspace, managementOutputsFile);
  }
}

/** What was put right of an interrupted run, in one line. */
export function sayRecovery(entry: StackEntry, recovery: Recovery, output: Output): void {
  if (isNothing(recovery)) {
    return;
  }
  const { endedPids, releasedLockCount, importedUrns, clearedUrns, refreshedUrns } = recovery;
  const parts = [
    [endedPids.length, "leftover process", `ended (${endedPids.join(", ")})`],
    [releasedLockCount, "dead lock", "released"],
    [importedUrns.length, "object", "found and taken into the state"],
    [clearedUrns.length, "object", "not made yet"],
    [refreshedUrns.length, "change", "looked up again"],
  ] as const;
  const told = parts
    .filter(([count]) => count > 0)
    .map(([count, what, done]) => `${countOf(count, what)} ${done}`);
  output.say(`        ${entry.name}: an earlier run was interrupted: ${told.join(", ")}`);
}

async function askToGoOn(stackCount: number): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question(`Bring ${countOf(stackCount, "stack")} up? Only "yes" does: `);
  } finally {
    prompt.close();
  }
}
