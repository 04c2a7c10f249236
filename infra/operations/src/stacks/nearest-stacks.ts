import { nearestNames } from "@ertis/provisioning-model";
import type { StackEntry } from "./stack-list.ts";

const maxCount = 3;

/** What somebody may have meant who wrote a name that no stack, project or hall has. */
export function nearestStacks(name: string, stacks: readonly StackEntry[]): readonly string[] {
  const [project = "", stack] = name.split("/", 2);
  const ofProject = stacks.filter((entry) => entry.project === project);
  if (stack !== undefined && ofProject.length > 0) {
    // The project is right: what follows is a slip, or the name of a site, or of no hall at all.
    const names = ofProject.map((entry) => entry.stack);
    const near = nearIn(stack, names);
    const shown = near.length > 0 ? near : names.slice(0, maxCount);
    return shown.map((each) => `${project}/${each}`);
  }
  const names = stacks.flatMap((entry) =>
    stack === undefined ? [entry.project, entry.stack] : [entry.name],
  );
  return nearIn(name, [...new Set(names)]);
}

/** Names that hold what was written, in the order in which they come up; else those a few letters away. */
function nearIn(name: string, names: readonly string[]): readonly string[] {
  const holding = name === "" ? [] : names.filter((each) => each.includes(name.toLowerCase()));
  return holding.length > 0
    ? holding.slice(0, maxCount)
    : nearestNames(name, names, maxCount, Math.max(2, Math.floor(name.length / 3)));
}
