import { nearestNames } from "@ertis/provisioning-model";
import { OperationProblem } from "../problem.ts";
import type { StackEntry } from "./stack-list.ts";

/**
 * The stacks that names mean, in order: `project/stack` one, `project` all of a project, and the name of a
 * hall all stacks of that hall. Halls of later phases only where they are named.
 */
export function selectStacks(
  stacks: readonly StackEntry[],
  names: readonly string[],
): readonly StackEntry[] {
  const known = [...new Set(stacks.flatMap(({ name, project, stack }) => [name, project, stack]))];
  for (const name of names) {
    if (!known.includes(name)) {
      throw new OperationProblem(
        "usage",
        `there is no stack "${name}"`,
        `the nearest names are ${nearestNames(name, known, 3).join(", ")}; npm run stacks -- --all lists all`,
      );
    }
  }
  return stacks.filter((entry) =>
    names.some(
      (name) =>
        name === entry.name || name === entry.stack || (name === entry.project && entry.isBuilt),
    ),
  );
}
