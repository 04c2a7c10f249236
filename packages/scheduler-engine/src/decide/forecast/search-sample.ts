import { tightDomains } from "@ertis/power-planning";
import { toNumber, watts } from "@ertis/quantities";
import { type Emergency, floorsWatts, keepsTiers, ownOf } from "./emergency-tiers.ts";
import { enoughTiers } from "./enough-tiers.ts";
import type { Looking } from "./looking.ts";
import { namedTarget } from "./named-target.ts";
import { sampledShed } from "./sampled-shed.ts";
import { isEnough, searchTargets, type TargetSearch } from "./search-targets.ts";

/** A sample may hold a target that is so much too small for all jobs. */
const sampleError = 0.01;

/** Of the way from what a sample holds to what surely holds, where a target is tried for all jobs: beside no other domain, and beside some. */
const partTried = { alone: 1 / 32, beside: 1 / 2 };

/**
 * Of many jobs: with a sample of them, and one whole plan for what that finds. A sample knows only the domain that is curtailed: where
 * others bind, too, less is found. What holds with every node on and nobody paused holds in any case.
 */
export function searchSample(emergency: Emergency, looking: Looking): TargetSearch {
  const { curtailment, described } = emergency;
  const { domain } = ownOf(emergency);
  const sample = { ...emergency, described: sampledShed(described, domain) };
  const search = searchTargets(sample, looking);
  const isAlone = tightDomains(described.problem).every(
    (isTight, at) => isTight === 0 || at === domain,
  );
  const figureOf = (targetWatts: number): number =>
    namedTarget(curtailment, targetWatts).targetWatts;
  return {
    smallestFrom: (targetWatts) => {
      const figure = figureOf(targetWatts);
      return search.smallestFrom(figure * (1 + sampleError)) !== undefined &&
        keepsTiers(emergency, figure, [])
        ? { smallest: watts(figure), isRough: false }
        : undefined;
    },
    smallestAbove: (tooSmall) => {
      const floors = Math.max(tooSmall, floorsWatts(emergency, []));
      const found = toNumber(search.smallestAbove(tooSmall)?.smallest ?? watts(floors));
      const part = isAlone ? partTried.alone : partTried.beside;
      const tried = figureOf(found + part * (floors - found));
      return tried < floors && keepsTiers(emergency, tried, [])
        ? { smallest: watts(tried), isRough: !isAlone }
        : { smallest: watts(floors), isRough: true };
    },
    smallestWithout: (tier, smallest) => Math.min(smallest, floorsWatts(emergency, [tier])),
    enough: () => {
      const found = isAlone ? search.enough() : undefined;
      return found !== undefined && isEnough(emergency, found)
        ? found
        : enoughTiers(
            described,
            curtailment,
            (given) => floorsWatts(emergency, given) <= toNumber(curtailment.target),
          );
    },
  };
}
