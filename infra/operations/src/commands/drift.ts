import { runEngine } from "../engine/run-engine.ts";
import type { ResourceChange } from "../engine/run-summary.ts";
import type { Output } from "../output/output.ts";
import { exitCodes } from "../problem.ts";
import type { ExitCode } from "../problem.ts";
import { createObjectReader } from "../recovery/live-object.ts";
import { toObjectReference } from "../recovery/pending.ts";
import { exportState } from "../recovery/state-export.ts";
import type { RunSettings } from "../settings/run-settings.ts";
import type { StackEntry } from "../stacks/stack-list.ts";
import { inAnyOrder } from "../stacks/stack-order.ts";
import { describeChanges } from "./changes-text.ts";
import { writersOf } from "./field-writers.ts";
import { askedStacks } from "./asked-stacks.ts";
import { knownStacks } from "./known-stacks.ts";
import { isGood, runStacks } from "./run-stacks.ts";

export interface DriftOptions {
  readonly local?: boolean;
  readonly json?: boolean;
}

/** One object that is not as its stack wrote it. */
export interface DriftedObject {
  readonly stack: string;
  readonly change: ResourceChange;
  /** Who wrote fields that differ, as far as the API server knows. */
  readonly writers: readonly string[];
}

/** Compares every object of the stacks that are up with what they wrote. Changes nothing. */
export async function drift(
  names: readonly string[],
  options: DriftOptions,
  output: Output,
): Promise<ExitCode> {
  const { settings, asked } = await askedStacks(names, options);
  const entries = await knownStacks(asked, settings);
  const outcomes = await runStacks({
    entries,
    waitsFor: inAnyOrder,
    output,
    tense: "planned",
    laneCount: 2,
    stopsAtFailure: false,
    run: async (entry, onProgress) =>
      runEngine(settings.workspaceOf(entry), {
        command: "refresh",
        isPreviewOnly: true,
        onProgress,
      }),
  });
  const drifted: DriftedObject[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind === "done" && outcome.result.changes.length > 0) {
      drifted.push(...(await describeDrift(outcome.entry, outcome.result.changes, settings)));
    }
  }
  const isComplete = outcomes.every(isGood);
  printDrift(drifted, isComplete, options, output);
  if (!isComplete) {
    return exitCodes.failed;
  }
  return drifted.length === 0 ? exitCodes.ok : exitCodes.drift;
}

async function describeDrift(
  entry: StackEntry,
  changes: readonly ResourceChange[],
  settings: RunSettings,
): Promise<readonly DriftedObject[]> {
  const workspace = settings.workspaceOf(entry);
  const state = await exportState(workspace, { withSecrets: true });
  if (state === undefined) {
    return [];
  }
  const read = createObjectReader(state, workspace.environment);
  const drifted: DriftedObject[] = [];
  for (const change of changes) {
    const resource = state.resources.find(({ urn }) => urn === change.urn);
    const reference = resource === undefined ? undefined : toObjectReference(resource);
    const object =
      resource === undefined || reference === undefined
        ? undefined
        : await read(resource, reference);
    drifted.push({
      stack: entry.name,
      change,
      writers: object === undefined ? [] : writersOf(object, change.properties),
    });
  }
  return drifted;
}

function printDrift(
  drifted: readonly DriftedObject[],
  isComplete: boolean,
  { json }: DriftOptions,
  output: Output,
): void {
  if (json === true) {
    output.print(`${JSON.stringify(drifted, null, 2)}\n`);
    return;
  }
  for (const { stack, change, writers } of drifted) {
    const by = writers.length === 0 ? "" : `    written by ${writers.join(", ")}\n`;
    output.print(`${stack}\n${describeChanges([change])}\n${by}\n`);
  }
  if (!isComplete) {
    output.print("not every stack could be compared; the lines above say why\n");
  }
  output.print(
    drifted.length === 0
      ? isComplete
        ? "no object differs from what its stack wrote\n"
        : ""
      : drifted.length === 1
        ? "1 object differs from what its stack wrote; up puts it back\n"
        : `${drifted.length} objects differ from what their stacks wrote; up puts them back\n`,
  );
}
