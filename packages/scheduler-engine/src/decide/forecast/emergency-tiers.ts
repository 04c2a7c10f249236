import {
  floorsScaled,
  type ShedPlan,
  type ShedProblem,
  tryShed,
  withoutFloor,
} from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { DescribedShed } from "../shed/describe-shed.ts";
import { hardCeilingsAt } from "../../power/horizons.ts";
import { known } from "../../state/assert.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { isMoreThan } from "./broken-tiers.ts";
import { heldCaps } from "./held-caps.ts";
import { lostIn } from "./lost-in.ts";

/** An emergency as it is asked for, and what it is planned on. */
export interface Emergency {
  readonly site: SiteState;
  readonly curtailment: Curtailment;
  readonly described: DescribedShed;
  readonly ceiling: Float64Array;
}

/** Every job at its floor but those of some tiers, who go as low as caps are safe, and everything idle on. */
export function floorsWatts(emergency: Emergency, tiers: readonly FlexibilityTier[]): number {
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
export function keepsTiers(
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
export function breaksTiers(
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
export function ownOf({ site, curtailment, described, ceiling }: Emergency): {
  readonly domain: number;
  readonly scale: number;
  readonly besideScaled: number;
} {
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain");
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const besideScaled = (ceiling[domain] ?? 0) - (described.problem.roomScaled[domain] ?? 0);
  return { domain, scale, besideScaled };
}
