import { toNumber, watts } from "@ertis/quantities";
import { known } from "../../state/assert.ts";
import { budgetsOf } from "../../power/site-budgets.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { type BesidePromises, besidePromises } from "./beside-promises.ts";
import type { Infeasible } from "./forecast-refusal.ts";
import type { Looking } from "./looking.ts";
import { mayCarryWithin } from "./may-carry.ts";
import { writtenTargets } from "./named-target.ts";
import { smallestNamed } from "./smallest-named.ts";

/** What is named is asked for, and what that is refused with, so often. */
const triesMax = 5;
/** Where no more would be named than is refused: so many times as much. */
const stepTimes = 1.02;
/** Among more jobs, where a forecast takes long, a target is not asked for in every way in which it is written. */
const comparedJobsMax = 300;
/** Among more jobs nothing is asked where nothing is known that might be in the way of more watts. */
const alwaysJobsMax = 1_000;

/**
 * As beside promises, and a target that is named is accepted. A refusal tells what breaks first; with more watts something
 * else may: what counts again when one that gives floors up is over, a budget, starts that move less. So what is named is
 * asked for, and instead of what is refused again that refusal is told.
 */
export function besideNamed(
  engine: EngineState,
  curtailment: Curtailment,
  looking: Looking,
): BesidePromises {
  const beside = besidePromises(engine, curtailment, looking);
  const { forecast } = beside;
  if (forecast.kind === "forecast" || looking.wants === "whether") {
    return beside;
  }
  const named = accepted(engine, curtailment, forecast, looking);
  return { ...beside, forecast: smallestNamed(engine, curtailment, named, looking) };
}

function accepted(
  engine: EngineState,
  curtailment: Curtailment,
  refused: Infeasible,
  looking: Looking,
): Infeasible {
  let named = refused;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const refusal = isNamed(named)
      ? refusalOfNamed(engine, curtailment, named, looking)
      : undefined;
    if (refusal === undefined) {
      return named;
    }
    named = above(curtailment, { named, refusal });
  }
  return { ...named, isAnyPossible: false };
}

function isNamed({ inTheWay, isAnyPossible }: Infeasible): boolean {
  return inTheWay === undefined && isAnyPossible;
}

/** Of a refused target that was named: what is told instead. What would be enough for what was asked stays. */
function above(
  { target }: Curtailment,
  { named, refusal }: { readonly named: Infeasible; readonly refusal: Infeasible },
): Infeasible {
  const { enough, shedsBelow } = named;
  if (refusal.inTheWay !== undefined) {
    return { ...refusal, enough, inTheWay: { ...refusal.inTheWay, isTargetToo: true } };
  }
  const least = Math.ceil(toNumber(named.smallest) * stepTimes);
  const isMore = refusal.smallest > named.smallest;
  const smallest = isMore ? refusal.smallest : watts(least);
  const isRough = !isMore || refusal.isRough;
  const isAnyPossible = target >= shedsBelow || smallest < shedsBelow;
  return { ...refusal, enough, smallest, isRough, isAnyPossible };
}

/** Without budgets, other curtailments and lost supplies: who runs is within its limits as it is. */
function isAlone(site: SiteState): boolean {
  const { curtailments, lostSupplies } = site;
  return curtailments.length === 0 && lostSupplies.size === 0 && budgetsOf(site).length === 0;
}

/** Undefined: the smallest target that it names is accepted, in every way in which it is written. */
function refusalOfNamed(
  engine: EngineState,
  curtailment: Curtailment,
  named: Infeasible,
  looking: Looking,
): Infeasible | undefined {
  const site = known(engine.sites.get(curtailment.site), "site of a curtailment");
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain");
  const span = { fromMs: toNumber(curtailment.start), untilMs: toNumber(curtailment.end) };
  const { most, budget } = mayCarryWithin(site, domain, span);
  if (named.smallest >= most) {
    return { ...named, inTheWay: { ceiling: most, budget: budget?.id } };
  }
  const jobsCount = site.attempts.size;
  if (jobsCount > alwaysJobsMax && isAlone(site)) {
    return undefined;
  }
  const smallest = toNumber(named.smallest);
  const asked = jobsCount > comparedJobsMax ? [smallest] : writtenTargets(curtailment, smallest);
  for (const target of asked) {
    const { forecast } = besidePromises(engine, { ...curtailment, target: watts(target) }, looking);
    if (forecast.kind === "infeasible") {
      return forecast;
    }
  }
  return undefined;
}
