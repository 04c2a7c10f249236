import type { StackContext } from "./stack-context.ts";
import { StackError } from "./stack-error.ts";
import type { StackTarget } from "./stack-target.ts";

export type HallTarget = Extract<StackTarget, { readonly kind: "hall" }>;

/** The hall of a stack in a project that has no other stacks. */
export function requireHall({ project, stack, target }: StackContext): HallTarget {
  if (target.kind !== "hall") {
    throw new StackError(`${project}/${stack} is not the stack of a hall`);
  }
  return target;
}
