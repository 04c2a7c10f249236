import { toNumber, watts } from "@ertis/quantities";
import type { EngineState } from "../../state/engine-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { besidePromises } from "./beside-promises.ts";
import type { Infeasible } from "./forecast-refusal.ts";
import { type Looking, onlyWhether } from "./looking.ts";
import { namedTarget, writtenTargets } from "./named-target.ts";
import { halved, hundredthLess, type Kept } from "./smallest-kept.ts";

/** Among more jobs each question takes long: what is named is not called the smallest. */
const comparedJobsMax = 300;

/**
 * Beside other planned ones the target that is named was found with what jobs lose under the one that was refused: less is left
 * of what they bear than under a larger one. So smaller ones are asked for as they will be, between the two.
 */
export function smallestNamed(
  engine: EngineState,
  curtailment: Curtailment,
  named: Infeasible,
  looking: Looking,
): Infeasible {
  const { beside, inTheWay, isAnyPossible } = named;
  if (beside.length === 0 || inTheWay !== undefined || !isAnyPossible) {
    return named;
  }
  if ((engine.sites.get(curtailment.site)?.attempts.size ?? 0) > comparedJobsMax) {
    return { ...named, isRough: true };
  }
  const isKept = (target: number): boolean =>
    besidePromises(engine, { ...curtailment, target: watts(target) }, onlyWhether(looking.nowMs))
      .forecast.kind === "forecast";
  const refusedWatts = toNumber(curtailment.target);
  const kept: Kept = {
    isKept,
    figureOf: (target) => namedTarget(curtailment, target).targetWatts,
    isFigureKept: (figure) => writtenTargets(curtailment, figure).every(isKept),
    isSpent: looking.isSpent,
  };
  const fits = toNumber(named.smallest);
  if (!isKept(hundredthLess(fits))) {
    return named;
  }
  const between = { fits, tooSmall: refusedWatts, leastAsked: refusedWatts };
  const { targetWatts, isSmallest } = halved(kept, between);
  return { ...named, smallest: watts(targetWatts), isRough: !isSmallest };
}
