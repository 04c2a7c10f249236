import { toNumber, watts } from "@ertis/quantities";
import type { EngineState } from "../../state/engine-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { besideNamed } from "./beside-named.ts";
import { jobsBelow } from "./enough-beside.ts";
import type { Infeasible } from "./forecast-refusal.ts";
import type { Looking } from "./looking.ts";

/** Among more jobs an emergency, or what is planned beside others, looks for targets too long to do it twice. */
const comparedJobsMax = 300;

/** A refusal for which no floors are enough, with a target that is possible once all are given up that it may. */
export function withAllGivenUp(
  engine: EngineState,
  curtailment: Curtailment,
  refused: Infeasible,
  looking: Looking,
): Infeasible {
  const { enough, areTiersRough, inTheWay, beside } = refused;
  const isMeant =
    enough === undefined && !areTiersRough && inTheWay === undefined && !looking.isSpent();
  const jobsMax =
    curtailment.mode === "planned" && beside.length === 0 ? Infinity : comparedJobsMax;
  const giveUp = isMeant ? allTiers(engine, curtailment, jobsMax) : undefined;
  if (giveUp === undefined) {
    return refused;
  }
  const { forecast } = besideNamed(engine, { ...curtailment, giveUp }, looking.part(1, "smallest"));
  const isFound =
    forecast.kind === "infeasible" &&
    forecast.inTheWay === undefined &&
    forecast.domain === curtailment.domain &&
    forecast.isAnyPossible &&
    !(refused.isAnyPossible && forecast.smallest >= refused.smallest);
  return isFound
    ? withTarget(curtailment, refused, { target: forecast.smallest, giveUp })
    : refused;
}

/** Where all are those of one tier, what that frees leads to the same target: the smaller of the two, both are accepted. */
function withTarget(
  { giveUp: given = [] }: Curtailment,
  refused: Infeasible,
  all: NonNullable<Infeasible["withAllGivenUp"]>,
): Infeasible {
  const { gains, smallest } = refused;
  const [tier, ...others] = all.giveUp.filter((one) => !given.includes(one));
  const gain = others.length > 0 ? undefined : gains.find((one) => one.tierPercent === tier);
  if (gain === undefined) {
    return { ...refused, withAllGivenUp: all };
  }
  const possible = toNumber(smallest) - toNumber(gain.frees);
  const target = Math.min(toNumber(all.target), possible);
  const frees = watts(Math.max(0, toNumber(smallest) - target));
  return {
    ...refused,
    gains: gains.map((one) => (one === gain ? { ...gain, frees } : one)),
    withAllGivenUp: { ...all, target: watts(target) },
  };
}

/** Those that it may give up, and there are jobs of; undefined: it gives them up already, or there are too many jobs. */
function allTiers(
  engine: EngineState,
  { site: id, domain, mode, giveUp: given = [] }: Curtailment,
  jobsMax: number,
): readonly FlexibilityTier[] | undefined {
  const site = engine.sites.get(id);
  const jobs = site === undefined ? [] : jobsBelow(engine, site, domain);
  const isEmergency = mode === "emergency";
  if (jobs.length > jobsMax) {
    return undefined;
  }
  const tiers = jobs
    .map(({ spec }) => spec.flexibilityTier)
    .filter((tier) => tier > 0 || isEmergency);
  const all = [...new Set([...given, ...tiers])].toSorted((a, b) => b - a);
  return all.length > given.length ? all : undefined;
}
