import { toNumber, watts } from "@ertis/quantities";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { type Emergency, floorsWatts, keepsTiers, ownOf } from "./emergency-tiers.ts";
import { enoughTiers } from "./enough-tiers.ts";
import type { Infeasible } from "./forecast-refusal.ts";
import { allOf } from "./forecast-together.ts";
import { smallestKept } from "./smallest-kept.ts";

export type FoundTarget = Pick<Infeasible, "smallest" | "isRough">;

/** What would be possible instead of an emergency that breaks tiers until nodes are off and checkpoints are written. */
export interface TargetSearch {
  readonly isKept: (targetWatts: number) => boolean;
  /** Of a target that is not kept: the smallest above it that is. Undefined: none. */
  readonly smallestAbove: (tooSmall: number) => FoundTarget | undefined;
  /** The smallest that keeps every tier but one. */
  readonly smallestWithout: (tier: FlexibilityTier, smallest: number) => number;
  /** Tiers whose floors would be enough for what is asked. */
  readonly enough: () => Infeasible["enough"];
}

/** With a whole plan for everything that is tried. */
export function searchTargets(emergency: Emergency): TargetSearch {
  const { described, curtailment } = emergency;
  const { domain, scale, besideScaled } = ownOf(emergency);
  const asked = toNumber(curtailment.target);
  const keeps =
    (given: readonly FlexibilityTier[]) =>
    (targetWatts: number): boolean =>
      keepsTiers(emergency, targetWatts, given);
  return {
    isKept: keeps([]),
    smallestAbove: (tooSmall) => {
      const all = Math.ceil((besideScaled + allOf(described.problem, domain)) / scale);
      const ways = [floorsWatts(emergency, []), all].map((one) => Math.max(tooSmall, one));
      const fits = ways.find(keeps([]));
      return fits === undefined
        ? undefined
        : { smallest: watts(smallestKept(keeps([]), { fits, tooSmall })), isRough: false };
    },
    smallestWithout: (tier, smallest) => {
      const floors = Math.min(smallest, floorsWatts(emergency, [tier]));
      if (keeps([tier])(asked)) {
        const tooSmall = Math.floor(besideScaled / scale);
        return smallestKept(keeps([tier]), { fits: asked, tooSmall });
      }
      return keeps([tier])(floors)
        ? smallestKept(keeps([tier]), { fits: floors, tooSmall: asked })
        : smallest;
    },
    enough: () => enoughTiers(described, curtailment, (given) => isEnough(emergency, given)),
  };
}

/** Is what is asked for kept once the floors of these tiers are given up, too? */
export function isEnough(emergency: Emergency, given: readonly FlexibilityTier[]): boolean {
  const asked = toNumber(emergency.curtailment.target);
  return floorsWatts(emergency, given) <= asked || keepsTiers(emergency, asked, given);
}
