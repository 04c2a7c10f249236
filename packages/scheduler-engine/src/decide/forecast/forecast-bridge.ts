import type { ShedResult } from "@ertis/power-planning";
import { toNumber, type Watts, watts } from "@ertis/quantities";
import { breaksTiers, type Emergency } from "./emergency-tiers.ts";
import { known } from "../../state/assert.ts";
import type { Infeasible, Refusal } from "./forecast-refusal.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import type { Looking } from "./looking.ts";
import { searchSample } from "./search-sample.ts";
import { searchTargets, type TargetSearch } from "./search-targets.ts";
import { unsheddableAt } from "./unsheddable.ts";

/** Of more jobs what would be possible is looked for with a sample of them. */
const searchedJobsMax = 1_000;

/**
 * An emergency does not wait for nodes that go off and checkpoints that are written: until then caps alone hold it. So a plan
 * that keeps every floor from then on is not enough: what that time takes has to fit in what tiers tolerate, too.
 *
 * @param refused why not even a plan keeps them
 * @returns undefined: it keeps them all, or no other target of its own would
 */
export function infeasibleUntilSettled(
  emergency: Emergency,
  result: ShedResult,
  refused: Refusal | undefined,
  looking: Looking,
): Refusal | undefined {
  const { curtailment, described, site, ceiling } = emergency;
  const isPlanKept =
    result.kind === "plan" && !breaksTiers(emergency, described.problem, result.plan);
  if (isPlanKept || refused?.inTheWay !== undefined) {
    return refused;
  }
  if (refused !== undefined && looking.wants === "whether") {
    return refused;
  }
  const isFew = described.problem.jobs.length <= searchedJobsMax;
  const search = isFew ? searchTargets(emergency, looking) : searchSample(emergency, looking);
  const { enough: enoughOf } = search;
  const least = toNumber(refused?.smallest ?? curtailment.target);
  const asRefused = refused === undefined ? undefined : search.smallestFrom(least);
  const found = asRefused ?? search.smallestAbove(least);
  if (found === undefined) {
    return refused;
  }
  const { smallest, isRough } = found;
  const tiers =
    looking.wants !== "all"
      ? []
      : [...new Set(described.members.map(({ job }) => job.spec.flexibilityTier))]
          .filter((tier) => tier > 0 && !(curtailment.giveUp ?? []).includes(tier))
          .toSorted((a, b) => b - a);
  return {
    kind: "infeasible",
    domain: curtailment.domain,
    smallest,
    gains: tiers.flatMap((tier) => gainOf(search, tier, { smallest, looking })),
    enoughOf: looking.wants === "all" ? enoughOf : () => undefined,
    reserved: refused?.reserved ?? [],
    unsheddable: unsheddableAt(
      site,
      described,
      ceiling,
      known(site.domainIndexById.get(curtailment.domain), "domain"),
    ),
    inTheWay: undefined,
    beside: [],
    isUntilSettled: asRefused === undefined,
    isRough,
    areTiersRough: !isFew,
  };
}

/** What giving up the floors of a tier frees; nothing is told where that was not looked for, or not far enough. */
function gainOf(
  search: TargetSearch,
  tierPercent: FlexibilityTier,
  { smallest, looking }: { readonly smallest: Watts; readonly looking: Looking },
): Infeasible["gains"] {
  if (looking.isSpent()) {
    return [];
  }
  const least = toNumber(smallest);
  const frees = Math.max(0, least - search.smallestWithout(tierPercent, least));
  return frees === 0 && looking.isSpent() ? [] : [{ tierPercent, frees: watts(frees) }];
}
