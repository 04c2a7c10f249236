import {
  floorsScaled,
  type ShedPlan,
  type ShedProblem,
  type ShedResult,
  tryShed,
  withoutFloor,
} from "@ertis/power-planning";
import { toNumber, watts } from "@ertis/quantities";
import type { DescribedShed } from "../shed/describe-shed.ts";
import { hardCeilingsAt } from "../../power/horizons.ts";
import { known } from "../../state/assert.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { isMoreThan } from "./broken-tiers.ts";
import { enoughTiers } from "./enough-tiers.ts";
import type { Refusal } from "./forecast-refusal.ts";
import { allOf } from "./forecast-together.ts";
import { heldCaps } from "./held-caps.ts";
import { lostIn } from "./lost-in.ts";
import { smallestKept } from "./smallest-kept.ts";

/** An emergency as it is asked for, and what it is planned on. */
export interface Emergency {
  readonly site: SiteState;
  readonly curtailment: Curtailment;
  readonly described: DescribedShed;
  readonly ceiling: Float64Array;
}

/** Of more jobs no whole plan is made to find out what would be possible. */
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
): Refusal | undefined {
  const { curtailment, described } = emergency;
  const isPlanKept =
    result.kind === "plan" && !breaksTiers(emergency, described.problem, result.plan);
  if (isPlanKept || refused?.inTheWay !== undefined) {
    return refused;
  }
  const asked = toNumber(curtailment.target);
  const enoughOf: Refusal["enoughOf"] = () =>
    enoughTiers(described, curtailment, (given) => isEnough(emergency, asked, given));
  const least = toNumber(refused?.smallest ?? curtailment.target);
  if (refused !== undefined && keepsTiers(emergency, least, [])) {
    return isSearched(emergency) ? { ...refused, enoughOf } : refused;
  }
  const smallest = smallestTarget(emergency, least);
  if (smallest === undefined) {
    return refused;
  }
  const tiers = [...new Set(described.members.map(({ job }) => job.spec.flexibilityTier))]
    .filter((tier) => tier > 0 && !(curtailment.giveUp ?? []).includes(tier))
    .toSorted((a, b) => b - a);
  return {
    kind: "infeasible",
    domain: curtailment.domain,
    smallest: watts(smallest),
    gains: tiers.map((tier) => {
      const without = smallestWithout(emergency, tier, { asked, smallest });
      return { tierPercent: tier, frees: watts(Math.max(0, smallest - without)) };
    }),
    enoughOf,
    reserved: refused?.reserved ?? [],
    inTheWay: undefined,
    beside: [],
    isUntilSettled: true,
  };
}

/** Is what is asked for kept once the floors of these tiers are given up, too? */
function isEnough(emergency: Emergency, asked: number, given: readonly FlexibilityTier[]): boolean {
  return (
    floorsWatts(emergency, given) <= asked ||
    (isSearched(emergency) && keepsTiers(emergency, asked, given))
  );
}

/** Of a target that is not kept: the smallest above it that is. Undefined: none. */
function smallestTarget(emergency: Emergency, tooSmall: number): number | undefined {
  const { domain, scale, besideScaled } = ownOf(emergency);
  const keeps = (targetWatts: number): boolean => keepsTiers(emergency, targetWatts, []);
  // Holds with every node on and nobody paused.
  const floors = Math.max(tooSmall, floorsWatts(emergency, []));
  if (!isSearched(emergency)) {
    return floors;
  }
  const all = Math.ceil((besideScaled + allOf(emergency.described.problem, domain)) / scale);
  const fits = [floors, Math.max(tooSmall, all)].find(keeps);
  return fits === undefined ? undefined : smallestKept(keeps, { fits, tooSmall });
}

/** The smallest that keeps every tier but one. */
function smallestWithout(
  emergency: Emergency,
  tier: FlexibilityTier,
  { asked, smallest }: { readonly asked: number; readonly smallest: number },
): number {
  const { scale, besideScaled } = ownOf(emergency);
  const keeps = (targetWatts: number): boolean => keepsTiers(emergency, targetWatts, [tier]);
  const floors = Math.min(smallest, floorsWatts(emergency, [tier]));
  if (!isSearched(emergency)) {
    return floors;
  }
  if (keeps(asked)) {
    return smallestKept(keeps, { fits: asked, tooSmall: Math.floor(besideScaled / scale) });
  }
  return keeps(floors) ? smallestKept(keeps, { fits: floors, tooSmall: asked }) : smallest;
}

function isSearched({ described }: Emergency): boolean {
  return described.problem.jobs.length <= searchedJobsMax;
}

/** Every job at its floor but those of some tiers, who go as low as caps are safe, and everything idle on. */
function floorsWatts(emergency: Emergency, tiers: readonly FlexibilityTier[]): number {
  const { domain, scale, besideScaled } = ownOf(emergency);
  const floors = floorsScaled(withoutFloors(emergency, tiers));
  return Math.ceil((besideScaled + (floors[domain] ?? 0)) / scale);
}

function withoutFloors(
  { described: { members, problem } }: Emergency,
  tiers: readonly FlexibilityTier[],
): ShedProblem {
  const jobs = members.map(({ shed, job }) =>
    tiers.includes(job.spec.flexibilityTier) ? withoutFloor(shed) : shed,
  );
  return { ...problem, jobs };
}

/** With another target, and without the floors of some tiers. */
function keepsTiers(
  emergency: Emergency,
  targetWatts: number,
  tiers: readonly FlexibilityTier[],
): boolean {
  const { site, curtailment, described } = emergency;
  const { domain, scale, besideScaled } = ownOf(emergency);
  const hard = hardCeilingsAt(site, toNumber(curtailment.start))[domain] ?? 0;
  const roomScaled = described.problem.roomScaled.slice();
  roomScaled[domain] = Math.min(hard, targetWatts * scale) - besideScaled;
  const problem = { ...withoutFloors(emergency, tiers), roomScaled };
  const tried = tryShed(problem);
  return tried.kind === "plan" && !breaksTiers(emergency, problem, tried.plan);
}

/** Are all floors kept as it is asked for, until nodes are off and checkpoints are written, too? */
export function isKept(emergency: Emergency): boolean {
  const { problem } = emergency.described;
  const tried = tryShed(problem);
  return tried.kind === "plan" && !breaksTiers(emergency, problem, tried.plan);
}

/** Does a job whose floor is not given up lose more than its tier tolerates, all told? */
function breaksTiers(
  { curtailment, described }: Emergency,
  problem: ShedProblem,
  plan: ShedPlan,
): boolean {
  const times = { leadMs: 0, lineMs: toNumber(curtailment.ramp) };
  const course = { described: { ...described, problem }, plan, ...times, delaysMs: new Map() };
  const heldAt = heldCaps({ ...course, curtailment });
  return problem.jobs.some((shed, at) => {
    const plannedMs = plan.losses[at]?.lostMs ?? 0;
    const lostMs = lostIn(curtailment, shed, { plannedMs, moreMs: heldAt(shed).lostMoreMs });
    return isMoreThan(curtailment, shed.tierLossMax, lostMs);
  });
}

/** Its own domain, and what cannot be shed there. */
function ownOf({ site, curtailment, described, ceiling }: Emergency): {
  readonly domain: number;
  readonly scale: number;
  readonly besideScaled: number;
} {
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain");
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const besideScaled = (ceiling[domain] ?? 0) - (described.problem.roomScaled[domain] ?? 0);
  return { domain, scale, besideScaled };
}
