import { toNumber, watts } from "@ertis/quantities";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { type Emergency, floorsWatts, keepsTiers, ownOf } from "./emergency-tiers.ts";
import { enoughTiers } from "./enough-tiers.ts";
import type { Infeasible } from "./forecast-refusal.ts";
import { allOf } from "./forecast-together.ts";
import type { Looking } from "./looking.ts";
import { namedTarget } from "./named-target.ts";
import { type Kept, lessThan, smallestKept } from "./smallest-kept.ts";

export type FoundTarget = Pick<Infeasible, "smallest" | "isRough">;

/** What would be possible instead of an emergency that breaks tiers until nodes are off and checkpoints are written. */
export interface TargetSearch {
  /** Of a target that is kept: it, or one that is still smaller. Undefined: it is not kept as it is named. */
  readonly smallestFrom: (targetWatts: number) => FoundTarget | undefined;
  /** Of a target that is not kept: the smallest above it that is. Undefined: none. */
  readonly smallestAbove: (tooSmall: number) => FoundTarget | undefined;
  /** The smallest that keeps every tier but one. */
  readonly smallestWithout: (tier: FlexibilityTier, smallest: number) => number;
  /** Tiers whose floors would be enough for what is asked. */
  readonly enough: () => Infeasible["enough"];
}

/** With a whole plan for everything that is tried. */
export function searchTargets(emergency: Emergency, looking: Looking): TargetSearch {
  const { described, curtailment } = emergency;
  const { scale, besideScaled } = ownOf(emergency);
  const asked = toNumber(curtailment.target);
  return {
    smallestFrom: (targetWatts) => {
      const kept = keptBy(emergency, [], looking);
      const fits = kept.figureOf(targetWatts);
      return kept.isFigureKept(fits)
        ? found(lessThan(kept, { fits, leastAsked: asked }))
        : undefined;
    },
    smallestAbove: (tooSmall) => smallestAbove(emergency, [], { tooSmall, looking }),
    smallestWithout: (tier, smallest) => {
      const kept = keptBy(emergency, [tier], looking);
      const tooSmall = Math.floor(besideScaled / scale);
      const without = kept.isKept(asked)
        ? smallestKept(kept, { fits: asked, tooSmall, leastAsked: tooSmall }).targetWatts
        : toNumber(
            smallestAbove(emergency, [tier], { tooSmall: asked, looking })?.smallest ??
              watts(smallest),
          );
      return Math.min(smallest, without);
    },
    enough: () => enoughTiers(described, curtailment, (given) => isEnough(emergency, given)),
  };
}

function smallestAbove(
  emergency: Emergency,
  given: readonly FlexibilityTier[],
  { tooSmall, looking }: { readonly tooSmall: number; readonly looking: Looking },
): FoundTarget | undefined {
  const { domain, scale, besideScaled } = ownOf(emergency);
  const leastAsked = toNumber(emergency.curtailment.target);
  const kept = keptBy(emergency, given, looking);
  const all = Math.ceil((besideScaled + allOf(emergency.described.problem, domain)) / scale);
  const ways = [floorsWatts(emergency, given), all].map((one) =>
    kept.figureOf(Math.max(tooSmall, one)),
  );
  const fits = ways.find(kept.isFigureKept);
  return fits === undefined ? undefined : found(smallestKept(kept, { fits, tooSmall, leastAsked }));
}

function keptBy(
  emergency: Emergency,
  given: readonly FlexibilityTier[],
  { isSpent }: Looking,
): Kept {
  const isKept = (targetWatts: number): boolean => keepsTiers(emergency, targetWatts, given);
  return {
    isKept,
    isSpent,
    figureOf: (targetWatts) => namedTarget(emergency.curtailment, targetWatts).targetWatts,
    isFigureKept: (figure) => {
      const { byPart } = namedTarget(emergency.curtailment, figure);
      return isKept(figure) && (byPart === undefined || isKept(byPart.targetWatts));
    },
  };
}

function found({ targetWatts, isSmallest }: ReturnType<typeof lessThan>): FoundTarget {
  return { smallest: watts(targetWatts), isRough: !isSmallest };
}

/** Is what is asked for kept once the floors of these tiers are given up, too? */
export function isEnough(emergency: Emergency, given: readonly FlexibilityTier[]): boolean {
  const asked = toNumber(emergency.curtailment.target);
  return floorsWatts(emergency, given) <= asked || keepsTiers(emergency, asked, given);
}
