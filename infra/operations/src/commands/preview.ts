import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runEngine } from "../engine/run-engine.ts";
import { createStack } from "../engine/run-command.ts";
import type { Output } from "../output/output.ts";
import { exitCodes } from "../problem.ts";
import type { ExitCode } from "../problem.ts";
import { exportState } from "../recovery/state-export.ts";
import { requireToolchain } from "../settings/toolchain.ts";
import { emptySettings, policyPack, productionSettings } from "../settings/run-settings.ts";
import type { RunSettings } from "../settings/run-settings.ts";
import { readPlans } from "../stacks/read-plans.ts";
import { selectStacks } from "../stacks/select-stacks.ts";
import { listStacks, nextHall } from "../stacks/stack-list.ts";
import type { StackEntry } from "../stacks/stack-list.ts";
import { inAnyOrder } from "../stacks/stack-order.ts";
import type { StackWorkspace } from "../state/stack-workspace.ts";
import { checkSettings } from "./check-first.ts";
import { describeChanges } from "./changes-text.ts";
import { openLocal } from "./local-run.ts";
import { isGood, runStacks } from "./run-stacks.ts";
import { printSummary } from "./summary-table.ts";

export interface PreviewOptions {
  readonly all?: boolean;
  readonly diff?: boolean;
  readonly json?: boolean;
  readonly local?: boolean;
  readonly stack?: readonly string[];
}

/** Two fill two cores: the engine waits for the program half of the time. */
const laneCount = 2;

/**
 * Shows what `up` would do, with the policy pack, and what of edits by hand it would put back. Changes
 * nothing anywhere, also no backend.
 */
export async function preview(options: PreviewOptions, output: Output): Promise<ExitCode> {
  const toolchain = await requireToolchain();
  return withEmptyStates(async (folder) => {
    const local = options.local === true ? await openLocal(toolchain) : undefined;
    const empty = emptySettings(toolchain, {
      profile: local?.profile ?? "production",
      hostsPerSiteCount: local?.hostsPerSiteCount,
      folder,
    });
    const isConfigured = (process.env["PULUMI_BACKEND_URL"] ?? "") !== "";
    const settings = local ?? (isConfigured ? productionSettings(toolchain) : empty);
    const entries = chooseStacks(options, settings);
    checkSettings(entries);
    return previewAll({ entries, settings, empty }, options, output);
  });
}

function chooseStacks(options: PreviewOptions, settings: RunSettings): readonly StackEntry[] {
  const every = listStacks(readPlans(settings.hostsPerSiteCount));
  const { stack = [], all } = options;
  if (stack.length > 0) {
    return selectStacks(every, stack);
  }
  if (all === true) {
    return every;
  }
  const next = nextHall(every);
  return every.filter(({ isBuilt, stack: name }) => isBuilt || name === next);
}

/** The same before an `up`. */
export async function previewEntries(
  entries: readonly StackEntry[],
  settings: RunSettings,
  output: Output,
): Promise<ExitCode> {
  const toolchain = await requireToolchain();
  return withEmptyStates(async (folder) => {
    const { profile, hostsPerSiteCount } = settings;
    const empty = emptySettings(toolchain, { profile, hostsPerSiteCount, folder });
    return previewAll({ entries, settings, empty }, { diff: true }, output);
  });
}

async function withEmptyStates<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "ertis-preview-"));
  try {
    return await action(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface PreviewRuns {
  readonly entries: readonly StackEntry[];
  readonly settings: RunSettings;
  /** For stacks that the backend does not have: a preview makes none there. */
  readonly empty: RunSettings;
}

async function previewAll(
  { entries, settings, empty }: PreviewRuns,
  options: PreviewOptions,
  output: Output,
): Promise<ExitCode> {
  const startedMs = performance.now();
  const outcomes = await runStacks({
    entries,
    waitsFor: inAnyOrder,
    output,
    tense: "planned",
    laneCount,
    stopsAtFailure: false,
    run: async (entry, onProgress) => {
      const workspace = await findWorkspace(entry, settings, empty);
      return runEngine(workspace, { command: "preview", policyPack, onProgress });
    },
  });
  const tookSeconds = (performance.now() - startedMs) / 1000;
  if (options.json === true) {
    const rows = outcomes.map((outcome) =>
      outcome.kind === "done"
        ? { stack: outcome.entry.name, ...outcome.result }
        : { stack: outcome.entry.name, isOk: false },
    );
    output.print(`${JSON.stringify(rows, null, 2)}\n`);
  } else {
    if (options.diff === true) {
      for (const outcome of outcomes) {
        if (outcome.kind === "done" && outcome.result.changes.length > 0) {
          output.print(`${outcome.entry.name}\n${describeChanges(outcome.result.changes)}\n\n`);
        }
      }
    }
    printSummary(outcomes, tookSeconds, output);
  }
  return outcomes.every(isGood) ? exitCodes.ok : exitCodes.failed;
}

/** The workspace of a stack that is up, else an empty one. */
async function findWorkspace(
  entry: StackEntry,
  settings: RunSettings,
  empty: RunSettings,
): Promise<StackWorkspace> {
  const workspace = settings.workspaceOf(entry);
  if (settings !== empty && (await exportState(workspace)) !== undefined) {
    return workspace;
  }
  const scratch = settings === empty ? workspace : empty.workspaceOf(entry);
  await createStack(scratch);
  return scratch;
}
