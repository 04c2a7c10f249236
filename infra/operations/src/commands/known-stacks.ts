import { listBackend } from "../engine/run-command.ts";
import type { RunSettings } from "../settings/run-settings.ts";
import type { StackEntry } from "../stacks/stack-list.ts";

/**
 * Those of the stacks that the backend has. It is asked once a project: at full build there are hundreds
 * that it may not have.
 */
export async function knownStacks(
  entries: readonly StackEntry[],
  settings: RunSettings,
): Promise<readonly StackEntry[]> {
  const names = new Set<string>();
  for (const [first] of Map.groupBy(entries, ({ project }) => project).values()) {
    if (first !== undefined) {
      for (const name of await listBackend(settings.workspaceOf(first))) {
        names.add(`${first.project}/${name}`);
      }
    }
  }
  return entries.filter(({ name }) => names.has(name));
}
