import type { ChildGroup } from "./declaration.ts";
import type { Merged } from "./merge.ts";
import { didYouMean, listed, type Problems } from "./reader/index.ts";
import type { DomainKind, FedBy } from "./site.ts";

/** What holds a group of domains. */
export interface Holder {
  readonly kind: DomainKind;
  readonly isDistributed: boolean;
  /** Undefined when they have none, or when the block is wrong, which has been reported. */
  readonly supplyNames: readonly string[] | undefined;
}

/** Undefined unless both are named. */
export function fedByOf({ primary, reserve }: ChildGroup): FedBy | undefined {
  return primary?.value === undefined || reserve?.value === undefined
    ? undefined
    : { primary: primary.value, reserve: reserve.value };
}

/** Nodes say nothing about supplies, so no failure could be proved for them. */
export function checkNodesOf(problems: Problems, merged: Merged, holder: Holder): void {
  if (holder.isDistributed && merged.nodes !== undefined) {
    problems.add(
      merged.nodes.at,
      `nodes directly under distributed redundancy: a node names no supplies, so use 2N or N+1 for this ${holder.kind}`,
    );
  }
}

/** Under distributed redundancy every domain names two supplies of what holds it; elsewhere none does. */
export function checkFedBy(
  problems: Problems,
  group: ChildGroup,
  { kind, holder }: { readonly kind: DomainKind; readonly holder: Holder },
): void {
  const { primary, reserve } = group;
  if (!holder.isDistributed) {
    for (const [key, field] of [
      ["primary", primary],
      ["reserve", reserve],
    ] as const) {
      if (field !== undefined) {
        problems.add(
          field.at,
          `"${key}" under a ${holder.kind} without redundancy: distributed, which has no supplies to choose from: remove it`,
        );
      }
    }
    return;
  }
  const [first = "ups-a", second = "ups-b"] = holder.supplyNames ?? [];
  if (primary === undefined || reserve === undefined) {
    problems.add(
      group.at,
      `this ${kind} stands under distributed redundancy and names no ${primary === undefined ? "primary" : "reserve"} supply: write for example {name: ${kind}-1, template: …, primary: ${first}, reserve: ${second}}`,
    );
    return;
  }
  if (primary.value !== undefined && primary.value === reserve.value) {
    problems.add(
      reserve.at,
      `primary and reserve are both "${primary.value}": the reserve takes over when the primary fails, name another`,
    );
  }
  for (const { value, at } of [primary, reserve]) {
    const known = holder.supplyNames;
    if (value !== undefined && known !== undefined && !known.includes(value)) {
      problems.add(
        at,
        `unknown supply "${value}"${didYouMean(value, known)}: this ${holder.kind} has ${listed(known)}, use one of them or add it`,
      );
    }
  }
}
