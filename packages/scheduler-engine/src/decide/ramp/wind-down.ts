import {
  type EndingGang,
  type GangLevel,
  levelsOf,
  planWindDown,
  recordStop,
  type RampBudget,
  type RampPath,
  type Stage,
} from "@ertis/power-planning";
import { acknowledgeMs, stopGraceMs } from "../../limits.ts";
import { endsAgainMs, plannedEndMs, windDownLeadMs } from "../../power/ramp/ramp-lead.ts";
import {
  fallsToCome,
  leaving,
  ledgerWith,
  type RampSteps,
  stepsOfEnd,
} from "../../power/ramp/ramp-room.ts";
import { cutWatts } from "../../state/caps.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import type { SiteState } from "../../state/site-state.ts";
import { capHysteresisWatts, capNow, takesCaps } from "../caps/cap-orders.ts";
import type { Deciding } from "../deciding.ts";
import { capBeforeWindow } from "../caps/cap-windows.ts";
import { orderWithinRamp } from "../caps/ramp-caps.ts";

/** A plan looks at so many ends, the nearest. */
const endsPlannedMax = 64;

interface Ending {
  readonly attempt: Attempt;
  readonly endMs: number;
}

/**
 * Planned ends (a walltime, a pause, a drain's deadline) are wound down: caps fall before, no earlier
 * than needed, so that the stop itself is a step that the ramps allow. Made anew at every look from
 * what is known then, so nothing of it is kept. A gang that takes no caps stops in one step.
 */
export function windDownEnds(deciding: Deciding): void {
  const { state } = deciding;
  for (const [id, ramps] of state.ramps) {
    const site = known(state.sites.get(id), "site of ramps");
    const { near, nextAtMs } = endingsOf(state, site, ramps);
    ramps.endsAtMs = near.length > 0 ? state.nowMs + endsAgainMs : nextAtMs;
    if (site.awaySinceMs === undefined && near.length > 0) {
      windDown(deciding, site, ramps, near);
    }
  }
}

/** Can its watts fall before it stops? */
export function isBending(attempt: Attempt): boolean {
  return takesCaps(attempt) && attempt.floorCapWatts > 0;
}

/**
 * Ends near enough to be planned, and when the next one comes near. First those that stop in one step,
 * for the others keep clear of them, then in their order.
 */
function endingsOf(
  state: EngineState,
  site: SiteState,
  ramps: SiteRamps,
): { readonly near: readonly Ending[]; readonly nextAtMs: number } {
  const near: Ending[] = [];
  let nextAtMs = Infinity;
  for (const attempt of site.attempts) {
    if (attempt.phase !== "starting" && attempt.phase !== "running") {
      continue;
    }
    const endMs = plannedEndMs(state, site, attempt);
    const fromMs = endMs - windDownLeadMs(site, ramps, attempt, endMs);
    if (fromMs > state.nowMs) {
      nextAtMs = Math.min(nextAtMs, fromMs);
    } else if (endMs > state.nowMs) {
      near.push({ attempt, endMs });
    }
  }
  near.sort(
    (a, b) =>
      Number(isBending(a.attempt)) - Number(isBending(b.attempt)) ||
      a.endMs - b.endMs ||
      a.attempt.job - b.attempt.job ||
      a.attempt.task - b.attempt.task,
  );
  return { near: near.slice(0, endsPlannedMax), nextAtMs };
}

function windDown(
  deciding: Deciding,
  site: SiteState,
  ramps: SiteRamps,
  near: readonly Ending[],
): void {
  const { state } = deciding;
  const coming = fallsToCome(site, ramps, state.nowMs);
  const budget: RampBudget = {
    ledgers: ramps.budget.ledgers.map((_, domain) => {
      const ledger = ledgerWith(ramps, domain, coming);
      return ledger && { limit: ledger.limit, steps: [...ledger.steps] };
    }),
  };
  const gone = leaving(site);
  for (const { attempt, endMs } of near) {
    const gang = gangOf(state, site, ramps, { attempt, endMs, gone });
    gone.add(attempt);
    const times = { nowMs: state.nowMs, endMs, everyMs: endsAgainMs };
    const stages = planWindDown(budget, gang, times);
    if (stages === undefined) {
      recordStop(budget, gang, endMs);
    }
    const wanted = stages === undefined ? floorOf(gang) : capDue(gang.levels, stages, state.nowMs);
    if (isBending(attempt) && wanted !== undefined && wanted < capNow(site, attempt)) {
      orderWithinRamp(deciding, site, attempt, wanted);
    }
  }
}

/** The lowest cap that a plan asks for by now; undefined: none yet. */
function capDue(
  levels: readonly GangLevel[],
  stages: readonly Stage[],
  nowMs: number,
): number | undefined {
  const due = stages.findLast(({ atMs, level }) => level > 0 && atMs <= nowMs);
  return due && levels[due.level]?.capWatts;
}

/** No plan keeps the ramp to the end: as low as it goes is the least bad step. */
function floorOf({ levels }: EndingGang): number | undefined {
  return levels[1]?.capWatts;
}

function gangOf(
  state: EngineState,
  site: SiteState,
  ramps: SiteRamps,
  { attempt, endMs, gone }: Ending & { readonly gone: ReadonlySet<Attempt> },
): EndingGang {
  const { heldNodes, gpusPerNode } = attempt;
  const node = heldNodes[0] ?? -1;
  // A gang that takes no caps has one level beside idle.
  const now = isBending(attempt) ? capNow(site, attempt) : 0;
  const whole = (site.nodeBounds[node]?.[gpusPerNode] ?? 0) - (site.nodeBounds[node]?.[0] ?? 0);
  const nodeWattsAt = (cap: number): number => whole - cutWatts(site, node, gpusPerNode, cap);
  // A walltime counts work: it ends later under a lower cap, yet not within what is promised then.
  const window = endMs === attempt.endsByMs ? capBeforeWindow(state, site, attempt) : 0;
  const levels = levelsOf({
    nodeCount: heldNodes.length,
    floorCapWatts: Math.min(now, Math.max(attempt.floorCapWatts, Math.ceil(window))),
    wantedCapWatts: now,
    capStepWatts: capHysteresisWatts,
    nodeWattsAt,
  });
  return {
    path: pathOf(stepsOfEnd(site, ramps, attempt, { gone }), nodeWattsAt(now) * heldNodes.length),
    levels,
    level: levels.length - 1,
    capSettleMs: acknowledgeMs,
    stopSettleMs: stopGraceMs,
  };
}

function pathOf(steps: RampSteps, totalWatts: number): RampPath {
  return {
    domains: [...steps.keys()],
    wattsPerWatt: [...steps].map(([, watts]) => Math.abs(watts) / Math.max(1, totalWatts)),
  };
}
