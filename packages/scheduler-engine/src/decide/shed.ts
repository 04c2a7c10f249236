import { planShed, type ShedPlan } from "@ertis/power-planning";
import type { SiteState } from "../state/site-state.ts";
import { carryOut } from "./carry-out.ts";
import type { Deciding } from "./deciding.ts";
import { type DescribedShed, describeShed } from "./describe-shed.ts";
import { hasRoomToGiveBack, isOverForGood, isReturnDue } from "./needs-shed.ts";
import { startShrunk } from "./start-returning.ts";
import { stopUntilItFits } from "./stop-last.ts";

/** So many domains may be too full for their floors at once; more are left as they are. */
const domainsTriedMax = 8;

/**
 * The shed decision. Wherever bounds exceed what they may (a limit that fell with a feed, a budget, an
 * emergency curtailment) jobs give up watts until they fit; and where a curtailment leaves watts unused,
 * they are given back. Who gives what is decided in `planShed` (`packages/power-planning/src/shedding`).
 *
 * Called after every command. Caps that were ordered count as done, so nothing is asked for twice; a node
 * that does not acknowledge in time counts at its old bound from then on, and others shed instead. What
 * was asked to write a checkpoint counts as it draws until it is gone.
 */
export function shedWhereOver(deciding: Deciding): void {
  const { state } = deciding;
  for (const site of state.sites.values()) {
    if (state.curtailments.paused.size > 0) {
      startShrunk(deciding, site);
    }
    const isDue =
      isOverForGood(state, site, { ceiling: site.hardCeiling, isWaitingForStops: false }) ||
      hasRoomToGiveBack(state, site) ||
      isReturnDue(state, site);
    if (isDue) {
      const releaseCount = state.releaseCount;
      if (site.shedInVainAt !== releaseCount) {
        const hasDone = shed(deciding, site);
        // Nothing more can be done until something changes.
        site.shedInVainAt = hasDone ? -1 : state.releaseCount;
      }
    }
  }
}

function shed(deciding: Deciding, site: SiteState): boolean {
  const { state } = deciding;
  let hasDone = false;
  const noting: Deciding = {
    ...deciding,
    emit: (event) => {
      // That pauses to come were shifted a little is no reason to look again.
      hasDone ||= event.kind !== "pauses-planned";
      deciding.emit(event);
    },
  };
  const described = describeShed(state, site, {
    ceiling: site.hardCeiling,
    counts: "cap",
    noticeMs: 0,
    atMs: state.nowMs,
    record: undefined,
  });
  const forced = { ceiling: site.forcedCeiling, isWaitingForStops: false };
  const isForced = isOverForGood(state, site, forced);
  const plan = bestPlan(described, isForced);
  if (plan !== undefined) {
    carryOut(noting, site, described, plan);
  }
  // Not even the lowest caps hold it: what must not be exceeded comes before every job.
  if (isForced && isOverForGood(state, site, { ...forced, isWaitingForStops: true })) {
    stopUntilItFits(noting, site, site.forcedCeiling);
  }
  return hasDone;
}

/**
 * With every floor kept. Where that is impossible: a limit or an emergency goes before the floors of the
 * flexible tiers; a budget does not, there all go to their floors.
 */
function bestPlan({ problem }: DescribedShed, isForced: boolean): ShedPlan | undefined {
  const roomScaled = problem.roomScaled.slice();
  for (let tries = 0; tries < domainsTriedMax; tries += 1) {
    const result = planShed({ ...problem, roomScaled });
    if (result.kind === "plan") {
      return result.plan;
    }
    if (isForced) {
      break;
    }
    roomScaled[result.domain] = result.smallestScaled;
  }
  const last = planShed({ ...problem, floors: "given-up" });
  return isForced && last.kind === "plan" ? last.plan : undefined;
}
