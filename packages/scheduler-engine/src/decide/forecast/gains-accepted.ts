import { toNumber, type Watts, watts } from "@ertis/quantities";
import type { EngineState } from "../../state/engine-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { jobsBelow } from "./enough-beside.ts";
import type { Infeasible } from "./forecast-refusal.ts";
import { type GivingUpLess, givingUpLess } from "./giving-up-less.ts";
import { type Looking, onlyWhether } from "./looking.ts";

/** Among more jobs nothing is asked: each question is a whole forecast. */
const comparedJobsMax = 300;
/** Of what is left to look for targets, for each tier. */
const partOfTier = 1 / 2;

type Gain = Infeasible["gains"][number];

/** A refusal in which what each tier frees leads to a target that is accepted with its floors given up; what is not known is not told. */
export function withGainsAccepted(
  engine: EngineState,
  curtailment: Curtailment,
  refused: Infeasible,
  looking: Looking,
): Infeasible {
  const site = engine.sites.get(curtailment.site);
  const jobs = site === undefined ? [] : jobsBelow(engine, site, curtailment.domain);
  if (jobs.length > comparedJobsMax || refused.inTheWay !== undefined) {
    return refused;
  }
  const { giveUp: given = [] } = curtailment;
  const smallest = toNumber(refused.smallest);
  const forecastWith = (
    tier: FlexibilityTier,
    target: Watts,
    wanted: Looking,
  ): GivingUpLess["beside"]["forecast"] =>
    givingUpLess(engine, { ...curtailment, target, giveUp: [...given, tier] }, wanted).beside
      .forecast;
  const accepted = (gain: Gain): Gain | undefined => {
    const tier = jobs.find(({ spec }) => spec.flexibilityTier === gain.tierPercent)?.spec
      .flexibilityTier;
    const possible = smallest - toNumber(gain.frees);
    const isNamed = toNumber(gain.frees) > 0 && possible < toNumber(refused.shedsBelow);
    if (tier === undefined || !isNamed) {
      return gain;
    }
    if (looking.isSpent()) {
      return undefined;
    }
    if (forecastWith(tier, watts(possible), onlyWhether(looking.nowMs)).kind === "forecast") {
      return gain;
    }
    const found = forecastWith(tier, curtailment.target, looking.part(partOfTier, "smallest"));
    const least = found.kind === "forecast" ? curtailment.target : possibleOf(found);
    return { ...gain, frees: watts(Math.max(0, smallest - toNumber(least ?? refused.smallest))) };
  };
  return { ...refused, gains: refused.gains.flatMap((gain) => accepted(gain) ?? []) };
}

function possibleOf({ inTheWay, smallest }: Infeasible): Infeasible["smallest"] | undefined {
  return inTheWay === undefined ? smallest : undefined;
}
