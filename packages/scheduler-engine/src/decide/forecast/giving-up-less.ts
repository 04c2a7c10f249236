import { toNumber, type Watts, watts } from "@ertis/quantities";
import type { EngineState } from "../../state/engine-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { besideNamed } from "./beside-named.ts";
import { type BesidePromises, besidePromises } from "./beside-promises.ts";
import type { Infeasible } from "./forecast-refusal.ts";
import { type Looking, onlyWhether } from "./looking.ts";

/** Of more jobs only what is asked is planned: each that gives up less is looked at as long as it is. */
const comparedJobsMax = 300;
/** So much of what may be looked for goes to what is asked, the rest to the same without some of its floors. */
const partOfAsked = 3 / 4;

export interface GivingUpLess {
  /** As it is accepted: of the floors that it may give up it may keep some. */
  readonly planned: Curtailment;
  readonly beside: BesidePromises;
}

/**
 * An emergency that may give floors up, and where it is refused the same without some of them: who plans is no oracle, and may
 * find with fewer floors given up what he missed with more. A plan that gives up less is a plan for who allows more: it is
 * accepted as that, or the smallest target of all of them is named, so that to allow more never asks for more.
 */
export function givingUpLess(
  engine: EngineState,
  curtailment: Curtailment,
  looking: Looking,
): GivingUpLess {
  const isMany = (engine.sites.get(curtailment.site)?.attempts.size ?? 0) > comparedJobsMax;
  const { giveUp: mayGiveUp = [], ...without } = curtailment;
  if (curtailment.mode !== "emergency" || mayGiveUp.length === 0 || isMany) {
    return { planned: curtailment, beside: besideNamed(engine, curtailment, looking) };
  }
  const asked = {
    planned: curtailment,
    beside: besidePromises(engine, curtailment, onlyWhether(looking.nowMs)),
  };
  const fewer = fewerOf(mayGiveUp).map((giveUp): Curtailment => ({
    ...without,
    mayGiveUp,
    ...(giveUp.length === 0 ? {} : { giveUp }),
  }));
  const found = isAccepted(asked) ? asked : firstAccepted(engine, fewer, looking);
  return found !== undefined || looking.wants === "whether"
    ? (found ?? asked)
    : { planned: curtailment, beside: withSmallest(engine, curtailment, fewer, looking) };
}

function isAccepted({ beside }: GivingUpLess): boolean {
  return beside.forecast.kind === "forecast";
}

function firstAccepted(
  engine: EngineState,
  fewer: readonly Curtailment[],
  { nowMs }: Looking,
): GivingUpLess | undefined {
  for (const planned of fewer) {
    const found = { planned, beside: besidePromises(engine, planned, onlyWhether(nowMs)) };
    if (isAccepted(found)) {
      return found;
    }
  }
  return undefined;
}

/** As it was asked, with the smallest target of all; where it takes too long to look at each, a smaller one may do. */
function withSmallest(
  engine: EngineState,
  curtailment: Curtailment,
  fewer: readonly Curtailment[],
  looking: Looking,
): BesidePromises {
  const beside = besideNamed(engine, curtailment, looking.part(partOfAsked));
  if (beside.forecast.kind === "forecast") {
    return beside;
  }
  let best = beside.forecast;
  for (const planned of fewer) {
    if (looking.isSpent()) {
      return { ...beside, forecast: { ...best, isRough: true } };
    }
    const other = besideNamed(engine, planned, looking.part(1, "smallest")).forecast;
    best = other.kind === "forecast" ? best : smallestOf(best, other);
  }
  return { ...beside, forecast: best };
}

/** Subsets, those with most tiers first. */
function fewerOf(tiers: readonly FlexibilityTier[]): readonly (readonly FlexibilityTier[])[] {
  const count = 2 ** tiers.length - 1;
  return Array.from({ length: count }, (_, set) =>
    tiers.filter((_tier, at) => ((set >> at) & 1) === 1),
  ).toSorted((a, b) => b.length - a.length);
}

/** What is told of one with the smallest target and the most that each tier frees of both. */
function smallestOf(one: Infeasible, other: Infeasible): Infeasible {
  if (one.inTheWay !== undefined || other.inTheWay !== undefined || one.domain !== other.domain) {
    return one;
  }
  const { smallest, isRough, isAnyPossible } = other.smallest < one.smallest ? other : one;
  const gains = one.gains.map(({ tierPercent }) => {
    const least = Math.min(...[one, other].map((each) => withoutTier(each, tierPercent)));
    return { tierPercent, frees: watts(Math.max(0, toNumber(smallest) - least)) };
  });
  return { ...one, smallest, isRough, isAnyPossible, gains };
}

function withoutTier({ smallest, gains }: Infeasible, tierPercent: number): number {
  const frees: Watts = gains.find((gain) => gain.tierPercent === tierPercent)?.frees ?? watts(0);
  return toNumber(smallest) - toNumber(frees);
}
