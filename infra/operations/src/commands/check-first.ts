import { deliveryProblem, stackNeeds } from "@ertis/provisioning-model";
import type { StackName } from "@ertis/provisioning-model";
import { OperationProblem } from "../problem.ts";
import { infraDirectory } from "../settings/run-settings.ts";
import { requireSettings, settingsFileOf } from "../state/check-settings.ts";
import type { Presence } from "../state/stack-presence.ts";
import type { StackEntry } from "../stacks/stack-list.ts";

/** Refuses settings that would have no effect, of all these stacks at once. */
export function checkSettings(entries: readonly StackEntry[]): void {
  requireSettings(entries.map((entry) => settingsFileOf(infraDirectory, entry)));
}

/** Refuses hosts that nobody has delivered yet, all halls at once: an up of them could not be mended. */
export function requireDelivered(entries: readonly StackEntry[]): void {
  const problems = entries.flatMap(({ project, of }) =>
    project === "inventory" && of.kind === "hall" ? (deliveryProblem(of.cluster) ?? []) : [],
  );
  if (problems.length > 0) {
    throw new OperationProblem(
      "usage",
      problems.join("\n  "),
      "npm run preview shows them as they are planned; nothing was changed",
    );
  }
}

/**
 * Refuses where a stack reads another that is not up and is not brought up with it: the engine would make
 * the stack in the backend before its program finds out.
 */
export async function requirePredecessors(
  entries: readonly StackEntry[],
  presenceOf: (name: StackName) => Promise<Presence>,
  command: "up" | "up:local" = "up",
): Promise<void> {
  const asked = new Set(entries.map(({ name }) => name));
  const known = new Map<string, Presence>();
  const missing: { readonly of: string; readonly need: string; readonly presence: Presence }[] = [];
  for (const entry of entries) {
    const mode = entry.of.kind === "registered" ? "registered" : "provisioned";
    for (const need of stackNeeds(entry, mode)) {
      const name = `${need.project}/${need.stack}`;
      if (!asked.has(name)) {
        const presence = known.get(name) ?? (await presenceOf(need));
        known.set(name, presence);
        missing.push({ of: entry.name, need: name, presence });
      }
    }
  }
  const problems = missing.filter(({ presence }) => presence !== "up");
  if (problems.length > 0) {
    const needs = [...new Set(problems.map(({ need }) => need))];
    throw new OperationProblem(
      "usage",
      problems
        .map(({ of, need, presence }) => `${of} needs ${need}, which is ${presence}`)
        .join("\n  "),
      `bring ${needs.length === 1 ? "it" : "them"} up first: npm run ${command} -- ${needs.join(" ")}\nor npm run ${command}, which takes all stacks in order; nothing was changed`,
    );
  }
}
