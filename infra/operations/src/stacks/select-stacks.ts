import { OperationProblem } from "../problem.ts";
import { nearestStacks } from "./nearest-stacks.ts";
import type { StackEntry } from "./stack-list.ts";

/**
 * The stacks that names mean, in order: `project/stack` one, `project` all of a project, and the name of a
 * hall all stacks of that hall. Halls of later phases only where they are named.
 */
export function selectStacks(
  stacks: readonly StackEntry[],
  names: readonly string[],
): readonly StackEntry[] {
  const known = new Set(stacks.flatMap(({ name, project, stack }) => [name, project, stack]));
  for (const name of names) {
    if (!known.has(name)) {
      throw new OperationProblem("usage", `there is no stack "${name}"`, adviceFor(name, stacks));
    }
  }
  return stacks.filter((entry) =>
    names.some(
      (name) =>
        name === entry.name || name === entry.stack || (name === entry.project && entry.isBuilt),
    ),
  );
}

function adviceFor(name: string, stacks: readonly StackEntry[]): string {
  const near = nearestStacks(name, stacks);
  if (near.length > 0) {
    return `the nearest names are ${near.join(", ")}; npm run stacks -- --all lists all`;
  }
  const built = stacks.filter(({ isBuilt }) => isBuilt);
  const projects = [...new Set(stacks.map(({ project }) => project))];
  const halls = [
    ...new Set(built.filter(({ of }) => of.kind === "hall").map(({ stack }) => stack)),
  ];
  return [
    `a name is a project (${projects.join(", ")}), a hall (${halls.join(", ")})`,
    `or project/stack (${built[0]?.name ?? ""}); npm run stacks -- --all lists all`,
  ].join("\n");
}
