import { runGuarded } from "../engine/run-guarded.ts";
import { countOf } from "../output/count-of.ts";
import type { Output } from "../output/output.ts";
import { exitCodes, OperationProblem } from "../problem.ts";
import type { ExitCode } from "../problem.ts";
import { exportState } from "../recovery/state-export.ts";
import type { RunSettings } from "../settings/run-settings.ts";
import type { StackEntry } from "../stacks/stack-list.ts";
import { afterReaders } from "../stacks/stack-order.ts";
import { toResourceName } from "../engine/urn.ts";
import { askedStacks } from "./asked-stacks.ts";
import { knownStacks } from "./known-stacks.ts";
import { isGood, runStacks } from "./run-stacks.ts";
import { printSummary } from "./summary-table.ts";
import { sayRecovery } from "./up.ts";

export interface DestroyOptions {
  readonly local?: boolean;
  readonly yes?: boolean;
}

/** How many protected resources a refusal names before it counts the rest. */
const namedCount = 12;

/**
 * Takes stacks down in reverse order. Where anything is protected, nothing is begun: half a site is worse
 * than a whole one.
 */
export async function destroy(
  names: readonly string[],
  options: DestroyOptions,
  output: Output,
): Promise<ExitCode> {
  const { settings, asked } = await askedStacks(names, options);
  const present = await findPresent(asked, settings);
  if (present.length === 0) {
    output.say(
      names.length === 0
        ? "nothing is up, so there is nothing to take down"
        : `nothing of ${names.join(", ")} is up, so there is nothing to take down`,
    );
    return exitCodes.ok;
  }
  refuseProtected(present);
  if (settings.profile === "production" && options.yes !== true) {
    throw new OperationProblem(
      "usage",
      `${countOf(present.length, "stack")} would go for good`,
      "follow the runbook docs/runbooks/destroy-a-site.md; the last step is: npm run destroy -- --yes <stack …>",
    );
  }
  const entries = present.map(({ entry }) => entry);
  const startedMs = performance.now();
  const outcomes = await runStacks({
    entries: entries.toReversed(),
    waitsFor: afterReaders(entries),
    output,
    tense: "done",
    // No program runs and no policy pack: most of the time is waiting for the API servers.
    laneCount: 4,
    stopsAtFailure: true,
    run: async (entry, onProgress) =>
      runGuarded(settings.workspaceOf(entry), { command: "destroy", onProgress }, (recovery) =>
        sayRecovery(entry, recovery, output),
      ),
  });
  printSummary(outcomes, (performance.now() - startedMs) / 1000, output);
  return outcomes.every(isGood) ? exitCodes.ok : exitCodes.failed;
}

interface PresentStack {
  readonly entry: StackEntry;
  /** What cannot go, as people call it. */
  readonly protectedNames: readonly string[];
}

/** The stacks that have a state with anything in it. */
async function findPresent(
  entries: readonly StackEntry[],
  settings: RunSettings,
): Promise<readonly PresentStack[]> {
  const present: PresentStack[] = [];
  const known = await knownStacks(entries, settings);
  for (const entry of known) {
    const state = await exportState(settings.workspaceOf(entry));
    if (state !== undefined && (state.resources.length > 0 || state.pendingOperations.length > 0)) {
      const protectedNames = state.resources
        .filter(({ protect }) => protect)
        .map(({ urn }) => toResourceName(urn));
      present.push({ entry, protectedNames });
    }
  }
  return present;
}

function refuseProtected(present: readonly PresentStack[]): void {
  const stacks = present.filter(({ protectedNames }) => protectedNames.length > 0);
  if (stacks.length === 0) {
    return;
  }
  const every = stacks.flatMap(({ entry, protectedNames }) =>
    protectedNames.map((name) => `${entry.name}: ${name}`),
  );
  // Clusters, hosts and databases before the namespaces around them: the list may be cut.
  const isNamespace = (name: string): boolean => name.includes(": Namespace ");
  const named = [
    ...every.filter((name) => !isNamespace(name)),
    ...every.filter((name) => isNamespace(name)),
  ];
  const rest = named.length - namedCount;
  const lines = [...named.slice(0, namedCount), ...(rest > 0 ? [`and ${rest} more`] : [])];
  throw new OperationProblem(
    "failed",
    `${countOf(named.length, "resource")} of ${countOf(stacks.length, "stack")} ${named.length === 1 ? "is" : "are"} protected, so nothing was begun:\n  ${lines.join("\n  ")}`,
    "docs/runbooks/destroy-a-site.md says how protection is lifted, by two people, and what becomes of the hosts: they stay",
  );
}
