import { toNumber, type Watts, watts } from "@ertis/quantities";
import type { Plan, PlannedChildren } from "./plan.ts";
import type { Problems } from "./reader/index.ts";
import { addRatios, ceilRatio, floorRatio, multiplyRatios, ratio } from "./ratio.ts";

/** One supply after one failure, with the groups of children that hang on it then. */
export interface Transfer {
  readonly supply: string;
  /** Undefined: nothing would ever move to this supply, so only its own children count. */
  readonly failed: string | undefined;
  readonly usableWatts: Watts;
  readonly groups: readonly PlannedChildren[];
}

/**
 * Every supply that carries something, after every failure that moves something to it. A failure
 * that moves nothing to a supply leaves it with less than any of these.
 */
export function transfersOf(plan: Plan): readonly Transfer[] {
  const { supplyNames, derating } = plan;
  const transfers: Transfer[] = [];
  for (const [index, supply] of (supplyNames ?? []).entries()) {
    const limit = BigInt(toNumber(plan.supplyWatts[index] ?? watts(0)));
    const usable = floorRatio(ratio(limit * derating.numerator, derating.denominator));
    const usableWatts = watts(Number(usable));
    const failures = (supplyNames ?? []).filter((failed) =>
      plan.children.some(({ fedBy }) => fedBy?.primary === failed && fedBy.reserve === supply),
    );
    const own = plan.children.filter(({ fedBy }) => fedBy?.primary === supply);
    for (const failed of failures) {
      const groups = plan.children.filter(
        ({ fedBy }) =>
          fedBy?.primary === supply || (fedBy?.primary === failed && fedBy.reserve === supply),
      );
      transfers.push({ supply, failed, usableWatts, groups });
    }
    if (failures.length === 0 && own.length > 0) {
      transfers.push({ supply, failed: undefined, usableWatts, groups: own });
    }
  }
  return transfers;
}

/** Every supply must carry, after every single failure, at least what is always drawn. */
export function checkTransfers(problems: Problems, plan: Plan): void {
  for (const { supply, failed, usableWatts, groups } of transfersOf(plan)) {
    let inside = ratio(0n);
    for (const { names, plan: child } of groups) {
      const many = ratio(BigInt(names.length));
      inside = addRatios(inside, multiplyRatios(many, child.totals.idleLoad));
    }
    const fixed = ratio(BigInt(toNumber(plan.fixedWatts)));
    const least = ceilRatio(addRatios(multiplyRatios(plan.loadFactor, inside), fixed));
    if (least > BigInt(toNumber(usableWatts))) {
      problems.add(
        plan.limitAt,
        `usable ${toNumber(usableWatts)} W of supply "${supply}" of this ${plan.kind} cannot carry ${least} W, the fixed load and the idle draw of what hangs on it${failed === undefined ? "" : ` after "${failed}" fails`}: raise it or name other reserves`,
      );
    }
  }
}
