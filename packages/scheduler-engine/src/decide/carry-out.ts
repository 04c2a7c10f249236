import type { ShedPlan } from "@ertis/power-planning";
import { instant, toNumber } from "@ertis/quantities";
import { isBelow, isEmergency, runningRecords } from "../power/effects.ts";
import { mayRaiseWithin } from "../power/raise-room.ts";
import { known } from "../state/assert.ts";
import { hasPlannedSoon, type PlannedPause } from "../state/curtailments.ts";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { capHysteresisWatts, highestCap, orderCap } from "./cap-orders.ts";
import type { Deciding } from "./deciding.ts";
import type { DescribedShed } from "./describe-shed.ts";
import { orderWithinRamp } from "./ramp-caps.ts";

/** Turns a plan into orders: nodes off, caps, pauses. Lowerings first; a raise only where it fits already. */
export function carryOut(
  deciding: Deciding,
  site: SiteState,
  described: DescribedShed,
  plan: ShedPlan,
): void {
  if (plan.powerOffNodes.length > 0) {
    const nodes = plan.powerOffNodes;
    deciding.emit({ kind: "node-sleep-requested", site: site.site.id, nodes });
  }
  setCaps(deciding, site, described, plan.capsUntilSettled);
  planPauses(deciding, site, described, plan);
  startPauses(deciding, site);
  resumeOthers(deciding, site, described, plan);
}

function setCaps(
  deciding: Deciding,
  site: SiteState,
  { members }: DescribedShed,
  caps: ShedPlan["caps"],
): void {
  const wanted = new Map(caps.map((one) => [one.id, Math.floor(one.capWatts)]));
  const raises: [Attempt, number][] = [];
  const mayStep = isEmergency(deciding.state, site);
  for (const { attempt, shed } of members) {
    const cap = wanted.get(shed.id);
    if (attempt?.curve === undefined || cap === undefined) {
      continue;
    }
    const highest = highestCap(site, attempt);
    const now = attempt.capWatts || highest;
    if (cap < now && mayStep) {
      orderCap(deciding, attempt, cap);
    } else if (cap < now) {
      orderWithinRamp(deciding, site, attempt, cap);
    } else if (
      cap >= Math.min(highest, now + capHysteresisWatts) &&
      cap > now &&
      !isSteered(deciding, site, attempt)
    ) {
      raises.push([attempt, cap >= highest ? 0 : cap]);
    }
  }
  for (const [attempt, cap] of raises) {
    if (mayRaiseWithin(site, attempt, cap, site.hardCeiling)) {
      orderWithinRamp(deciding, site, attempt, cap);
    }
  }
}

/** What a planned curtailment holds, its steering raises. */
function isSteered({ state }: Deciding, site: SiteState, attempt: Attempt): boolean {
  for (const { curtailment } of runningRecords(state, site.site.id)) {
    const node = attempt.placement.nodes[0] ?? -1;
    if (curtailment.mode === "planned" && isBelow(site, node, curtailment.domain)) {
      return true;
    }
  }
  return false;
}

/** Keeps the pauses to come; those of now follow at once. */
export function planPauses(
  deciding: Deciding,
  site: SiteState,
  { members }: DescribedShed,
  plan: ShedPlan,
): void {
  const { state } = deciding;
  const pauses: PlannedPause[] = plan.pauses
    .map(({ id, fromMs, untilMs }) => ({
      job: known(members[id], "member of a plan").job.number,
      fromMs: state.nowMs + Math.max(0, fromMs),
      untilMs: state.nowMs + untilMs,
    }))
    .toSorted((a, b) => a.fromMs - b.fromMs || a.job - b.job);
  const before = state.curtailments.pauses.get(site.site.id) ?? [];
  if (pauses.length > 0 || before.length > 0) {
    deciding.emit({ kind: "pauses-planned", site: site.site.id, pauses });
  }
}

/** Pauses whose time has come: their jobs write a checkpoint and stop. */
export function startPauses(deciding: Deciding, site: SiteState): void {
  const { state } = deciding;
  const id = site.site.id;
  for (const { job: number, fromMs, untilMs } of state.curtailments.pauses.get(id) ?? []) {
    const paused = state.curtailments.paused.get(number);
    if (fromMs > state.nowMs || untilMs <= state.nowMs || paused?.isReturning === false) {
      continue;
    }
    if (paused !== undefined) {
      // It waits to come back; it waits longer.
      deciding.emit({ kind: "job-paused", job: number, site: id, until: instant(untilMs) });
      continue;
    }
    for (const attempt of state.jobs.get(number)?.active?.values() ?? []) {
      if (attempt.phase === "starting" || attempt.phase === "running") {
        deciding.emit({ kind: "job-paused", job: number, site: id, until: instant(untilMs) });
        const { job, task, attempt: count } = attempt;
        deciding.emit({
          kind: "stop-requested",
          attempt: { job, task, attempt: count },
          reason: "preemption",
        });
        break;
      }
    }
  }
}

/** A paused job that the plan does without may come back. */
function resumeOthers(
  deciding: Deciding,
  site: SiteState,
  { members }: DescribedShed,
  plan: ShedPlan,
): void {
  const stays = new Set(plan.pauses.map((one) => one.id));
  for (const { shed, job, attempt } of members) {
    const paused = deciding.state.curtailments.paused.get(job.number);
    if (
      attempt === undefined &&
      paused?.isReturning === false &&
      paused.site === site.site.id &&
      !stays.has(shed.id)
    ) {
      deciding.emit({ kind: "job-resumed", job: job.number });
    }
  }
}

/** Paused jobs whose time is over go back to the queue early enough to take up their work in time. */
export function resumeDue(deciding: Deciding): void {
  const { state } = deciding;
  for (const [number, paused] of state.curtailments.paused) {
    const job = state.jobs.get(number);
    const checkpoint = job?.spec.checkpoint;
    const restoreMs = checkpoint === undefined ? 0 : toNumber(checkpoint.restore);
    const isGone = job === undefined || job.finishedAtMs !== undefined;
    const isOn =
      state.sites.get(paused.site)?.isInCurtailment === true ||
      hasPlannedSoon(state.curtailments, paused.site);
    const isDue = !paused.isReturning && state.nowMs >= paused.untilMs - restoreMs;
    if (isGone || !isOn || isDue) {
      deciding.emit({ kind: "job-resumed", job: number });
    }
  }
}
