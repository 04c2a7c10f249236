import type { Resource } from "../resource.ts";
import type { StackRule } from "../rule.ts";

/** An `up` with its state in files takes 200 s at this size, and more than in proportion above it. */
const maxResourceCount = 1_500;

function check(resources: readonly Resource[]): readonly string[] {
  return resources.length <= maxResourceCount
    ? []
    : [
        `The stack has ${resources.length} resources, allowed are ${maxResourceCount}. Put the hall's objects on several stacks, or fewer objects into the hall.`,
      ];
}

export const stackSize: StackRule = {
  kind: "stack",
  name: "stack-size",
  description: "A stack stays small enough to be applied in minutes.",
  check,
};
