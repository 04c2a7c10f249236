import { type Watts, watts } from "@ertis/quantities";
import type { Merged } from "./merge.ts";
import type { Problems } from "./reader/index.ts";
import { type Ratio, ratio } from "./ratio.ts";
import type { DomainKind, Redundancy } from "./site.ts";
import { nameplateWatts, redundancyMistake, usableWatts } from "./supplies.ts";

/** What feeds a domain, and what it may carry. */
export interface Electric {
  /** Empty when the limit is missing or wrong, which has been reported. */
  readonly supplyWatts: readonly Watts[];
  /** Only with distributed redundancy. */
  readonly supplyNames: readonly string[] | undefined;
  readonly limitWatts: Watts;
  readonly usableWatts: Watts;
  readonly redundancy: Redundancy;
  readonly derating: Ratio;
}

const nothing: Watts = watts(0);

/** Checks the supplies of a domain and reduces them to its limits. */
export function electricOf(problems: Problems, merged: Merged, kind: DomainKind): Electric {
  const redundancy = merged.redundancy?.value ?? "none";
  const derating = merged.derating?.value ?? ratio(1n);
  const unknown: Electric = {
    supplyWatts: [],
    supplyNames: undefined,
    limitWatts: nothing,
    usableWatts: nothing,
    redundancy,
    derating,
  };
  const { supplies } = merged;
  if (supplies === undefined) {
    problems.add(
      merged.at,
      `this ${kind} has no limit: write limit: 44 kW or supplies: 3 × 25 MW here or in its template`,
    );
    return unknown;
  }
  const isWrong = [supplies, merged.redundancy, merged.derating].some(
    (field) => field !== undefined && field.value === undefined,
  );
  if (supplies.value === undefined || isWrong) {
    return unknown;
  }
  const { watts: supplyWatts, names: supplyNames } = supplies.value;
  const mistake = redundancyMistake(supplyWatts, redundancy, supplyNames !== undefined);
  if (mistake !== undefined) {
    problems.add(merged.redundancy?.at ?? supplies.at, mistake);
    return unknown;
  }
  const limitWatts = nameplateWatts(supplyWatts);
  if (limitWatts === undefined || supplyWatts.includes(nothing)) {
    problems.add(
      supplies.at,
      "supplies must be above 0 W each and at most 4 GW in sum: correct them",
    );
    return unknown;
  }
  return {
    supplyWatts,
    supplyNames,
    limitWatts,
    usableWatts: usableWatts(supplyWatts, redundancy, derating),
    redundancy,
    derating,
  };
}
