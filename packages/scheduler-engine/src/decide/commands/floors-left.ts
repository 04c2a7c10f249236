import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";

/** The floors that are kept, in the words of the sentences around them. */
export interface FloorsLeft {
  readonly what: string;
  readonly take: string;
  readonly kept: string;
  readonly broken: string;
  readonly doOthers: string;
  /** Where no more may be given up: why. */
  readonly noMore: string | undefined;
}

const flexible: readonly FlexibilityTier[] = [10, 25, 50];

/** Beside the floors that are given up already. */
export function floorsLeft({
  giveUp = [],
  mode,
}: Pick<Curtailment, "giveUp" | "mode">): FloorsLeft {
  const areFlexibleGiven = flexible.every((tier) => giveUp.includes(tier));
  if (mode === "emergency" && areFlexibleGiven && giveUp.includes(0)) {
    return {
      what: "the least that its jobs draw",
      take: "takes",
      kept: "with every floor given up",
      broken: "cannot be kept with every floor given up",
      doOthers: "it is with",
      noMore: "there is no other floor to give up",
    };
  }
  const others = giveUp.length === 0 ? "every floor" : "every other floor";
  const what = areFlexibleGiven ? "the floors of tier 0 %" : others;
  return {
    what,
    take: areFlexibleGiven ? "take" : "takes",
    kept: `that keeps ${what}`,
    broken: "breaks what jobs were promised",
    doOthers: "does",
    noMore:
      areFlexibleGiven && mode === "planned"
        ? "a planned one gives up no more floors, and an emergency those of tier 0 %, too"
        : undefined,
  };
}
