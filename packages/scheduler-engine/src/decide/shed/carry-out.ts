import { forcedDomains, isBelowAny } from "../../power/shedding/effects.ts";
import { raisedBySteering } from "../../power/shedding/raised-by-steering.ts";
import { highestRaiseWithin, mayRaiseWithin } from "../../power/raise-room.ts";
import type { RaiseWindows } from "../../power/raise-windows.ts";
import { raiseWindows } from "../../power/shedding/ends-under.ts";
import type { ShedMember } from "../../power/shedding/shed-jobs.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { capHysteresisWatts, capNow, highestCap, orderCap } from "../caps/cap-orders.ts";
import { pastPromises } from "../caps/raise-low.ts";
import type { Deciding } from "../deciding.ts";
import { besidePromisedEnds } from "./beside-promised-ends.ts";
import type { DescribedShed } from "./describe-shed.ts";
import { capInReach, orderWithinRamp } from "../caps/ramp-caps.ts";
import type { PlanWithBudgets } from "./plan-with-budgets.ts";
import { sleepNow } from "../nodes/sleep-nodes.ts";
import { changeShrinks, resumeOthers, startPauses, startShrinks } from "./pauses.ts";
import { isAnyoneLeftOut, planPauses } from "./plan-pauses.ts";
import { startReturning } from "./start-returning.ts";

interface Raise {
  readonly attempt: Attempt;
  /** 0: none. */
  readonly cap: number;
  /** By the plan: lower than usual where it is given up. */
  readonly floorCapWatts: number;
}

/** Turns a plan into orders: nodes off, caps, pauses, shrinks. Lowerings first; a raise only where it fits already. */
export function carryOut(
  deciding: Deciding,
  site: SiteState,
  described: DescribedShed,
  { plan, isSame }: PlanWithBudgets,
): void {
  const { members } = described;
  const planned = new Map(plan.capsUntilSettled.map((one) => [one.id, Math.floor(one.capWatts)]));
  const caps = besidePromisedEnds(deciding.state, site, described, planned);
  sleepNow(deciding, site, plan.powerOffNodes);
  const raises = lowerCaps(deciding, site, members, caps);
  if (!isSame || isAnyoneLeftOut(deciding, site, described, plan)) {
    planPauses(deciding, site, described, plan);
  }
  startPauses(deciding, site);
  startShrinks(deciding, site, described, plan);
  changeShrinks(deciding, site, described, plan);
  resumeOthers(deciding, site, described, plan);
  startBack(deciding, site, members, caps);
  raiseCaps(deciding, site, raises);
}

/**
 * A paused job for which the plan has a cap starts at that cap, as soon as bounds have room: the plan counts its watts
 * already. What a planned curtailment has paused comes back with what its steering grants it, as long as somebody measures.
 */
function startBack(
  deciding: Deciding,
  site: SiteState,
  members: readonly ShedMember[],
  caps: ReadonlyMap<number, number>,
): void {
  const isSteered = raisedBySteering(deciding.state, site);
  for (const { attempt, job, task, shed } of members) {
    const cap = caps.get(shed.id) ?? 0;
    const id = taskIdOf({ job: job.number, task });
    const paused = deciding.state.curtailments.paused.get(id);
    const isGranted = paused?.curtailment !== undefined && isSteered(paused.nodes);
    if (attempt === undefined && cap > 0 && paused?.isShrinking === false && !isGranted) {
      startReturning(deciding, site, id, cap);
    }
  }
}

/** @returns what is to rise */
function lowerCaps(
  deciding: Deciding,
  site: SiteState,
  members: readonly ShedMember[],
  caps: ReadonlyMap<number, number>,
): readonly Raise[] {
  const raises: Raise[] = [];
  const forced = forcedDomains(deciding.state, site);
  const isSteered = raisedBySteering(deciding.state, site);
  for (const { attempt, shed } of members) {
    const cap = caps.get(shed.id);
    if (attempt?.curve === undefined || cap === undefined) {
      continue;
    }
    const highest = highestCap(site, attempt);
    const now = attempt.capWatts || highest;
    if (cap < now && isBelowAny(site, attempt.placement.nodes, forced)) {
      orderCap(deciding, attempt, cap);
    } else if (cap < now) {
      orderWithinRamp(deciding, site, attempt, cap);
    } else if (
      cap >= Math.min(highest, now + capHysteresisWatts) &&
      cap > now &&
      !isSteered(attempt.placement.nodes) &&
      !isBeingLowered(site, attempt)
    ) {
      raises.push({
        attempt,
        cap: cap >= highest ? 0 : cap,
        floorCapWatts: shed.floorCapWatts,
      });
    }
  }
  return raises;
}

/** Without a curtailment whoever was lowered rises once its nodes have answered, as into free watts: else orders take turns. */
function isBeingLowered(site: SiteState, { capInForce }: Attempt): boolean {
  return !site.isInCurtailment && capInForce !== undefined;
}

/**
 * Not held for a squeeze (`isHeldForSqueeze`), other than raises into free watts. A start that is promised for it has its
 * watts all the same: the plan counts them, and windows keep them. Else what was held back by a curtailment comes before
 * whoever waits; and nobody whom this raises is squeezed again while it is carried out, so that caps do not go in a circle.
 */
function raiseCaps(deciding: Deciding, site: SiteState, raises: readonly Raise[]): void {
  const { state } = deciding;
  const low = raises
    .filter((one) => isLow(site, one))
    .map((one) => ({ ...one, cap: Math.min(one.cap || Infinity, one.floorCapWatts) }));
  pastPromises(state, site, low, (windows, one) => {
    raiseOne(deciding, { site, windows }, one);
  });
  const windows = raiseWindows(state, site);
  for (const one of raises) {
    raiseOne(deciding, { site, windows }, one);
  }
}

function isLow(site: SiteState, { attempt, floorCapWatts }: Raise): boolean {
  return capNow(site, attempt) < floorCapWatts;
}

function raiseOne(
  deciding: Deciding,
  { site, windows }: { readonly site: SiteState; readonly windows: RaiseWindows },
  { attempt, cap: wanted, floorCapWatts }: Raise,
): void {
  const inReach = capInReach(deciding.state, site, attempt, wanted);
  if (inReach !== 0 && inReach <= capNow(site, attempt)) {
    return;
  }
  const cap = capThatFits(site, windows, { attempt, cap: inReach, floorCapWatts });
  if (cap !== undefined) {
    orderWithinRamp(deciding, site, attempt, cap);
    windows.changed(attempt);
  }
}

/**
 * Who is below its floor comes as near to it as there is room: where floors are a little more than a target
 * bears, nobody stays at the lowest cap for that.
 */
function capThatFits(site: SiteState, windows: RaiseWindows, raise: Raise): number | undefined {
  const { attempt, cap } = raise;
  if (!isLow(site, raise)) {
    return mayRaiseWithin(site, windows, attempt, cap) ? cap : undefined;
  }
  const fits = highestRaiseWithin(site, windows, attempt, cap);
  return fits === cap || fits >= capNow(site, attempt) + capHysteresisWatts ? fits : undefined;
}
