import { toNumber, watts } from "@ertis/quantities";
import type { EngineState } from "../../state/engine-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { jobsBelow } from "./enough-beside.ts";
import type { Infeasible } from "./forecast-refusal.ts";
import { givingUpLess } from "./giving-up-less.ts";

/** Among more jobs nothing is asked: each question is a whole forecast. */
const comparedJobsMax = 300;

type Gain = Infeasible["gains"][number];

/** A refusal in which what each tier frees leads to a target that is accepted with its floors given up. */
export function withGainsAccepted(
  engine: EngineState,
  curtailment: Curtailment,
  refused: Infeasible,
  nowMs: number,
): Infeasible {
  const site = engine.sites.get(curtailment.site);
  const isMany =
    site === undefined || jobsBelow(engine, site, curtailment.domain).length > comparedJobsMax;
  if (isMany || refused.inTheWay !== undefined) {
    return refused;
  }
  const smallest = toNumber(refused.smallest);
  const givingUp = (tier: number, targetWatts: number): ReturnType<typeof forecastOf> =>
    forecastOf(engine, curtailment, { tier, targetWatts }, nowMs);
  const accepted = (gain: Gain): Gain => {
    const possible = smallest - toNumber(gain.frees);
    const isNamed = toNumber(gain.frees) > 0 && possible < toNumber(refused.shedsBelow);
    if (!isNamed || givingUp(gain.tierPercent, possible).kind === "forecast") {
      return gain;
    }
    const found = givingUp(gain.tierPercent, toNumber(curtailment.target));
    const least = found.kind === "forecast" ? curtailment.target : possibleOf(found);
    return { ...gain, frees: watts(Math.max(0, smallest - toNumber(least ?? refused.smallest))) };
  };
  return { ...refused, gains: refused.gains.map(accepted) };
}

function possibleOf({ inTheWay, smallest }: Infeasible): Infeasible["smallest"] | undefined {
  return inTheWay === undefined ? smallest : undefined;
}

function forecastOf(
  engine: EngineState,
  curtailment: Curtailment,
  { tier, targetWatts }: { readonly tier: number; readonly targetWatts: number },
  nowMs: number,
): ReturnType<typeof givingUpLess>["beside"]["forecast"] {
  const { giveUp: given = [] } = curtailment;
  const giveUp = [...given, tier as FlexibilityTier];
  const asked = { ...curtailment, target: watts(targetWatts), giveUp };
  return givingUpLess(engine, asked, nowMs).beside.forecast;
}
