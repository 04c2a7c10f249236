import { memoryMs } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { switchOffMs } from "../../limits.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import { nodeAsleep, nodeOff, type SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { isWaitingToPause } from "./ramp-lead.ts";
import { nodesWithin } from "./ramp-nodes.ts";
import { type ComingSteps, fallsToCome, roomsAt, stepsOfSleep } from "./ramp-room.ts";

/** Nodes that ramps hold up are looked at again after so long. */
export const sleepsAgainMs = 5_000;

/**
 * Which of the nodes may be told to switch off now, so that no ramp is passed whenever within its time each is off. None while
 * a pause that is due waits for a ramp: each would take the room that it waits for.
 */
export function sleepersNow(
  state: EngineState,
  site: SiteState,
  ramps: SiteRamps,
  nodes: readonly number[],
): readonly number[] {
  return isAnyoneWaitingToPause(state, site)
    ? []
    : sleepersAt(site, ramps, fallsToCome(site, ramps, state.nowMs), {
        atMs: state.nowMs,
        nodes,
      });
}

function isAnyoneWaitingToPause(state: EngineState, site: SiteState): boolean {
  const pauses = state.curtailments.pauses.get(site.site.id) ?? [];
  return pauses.some((pause) => {
    const attempt = state.jobs.get(pause.job)?.active?.get(pause.task ?? 0);
    const isUp = attempt?.phase === "starting" || attempt?.phase === "running";
    return isUp && isWaitingToPause(state, pause, attempt);
  });
}

/** Looked ahead, stages are told apart as finely as this part of the time. */
const looksAheadMax = 120;

export interface SleepStage {
  readonly atMs: number;
  readonly nodes: readonly number[];
}

function sleepersAt(
  site: SiteState,
  ramps: SiteRamps,
  coming: readonly ComingSteps[],
  { atMs, nodes }: SleepStage,
): readonly number[] {
  const now = site.horizons[0];
  const rooms = roomsAt(ramps, { atMs, settleMs: switchOffMs }, coming);
  const wanted = nodes.map((node) => ({ node, watts: -(now?.nodeWatts[node] ?? 0) }));
  return nodesWithin(site, ramps, rooms, wanted);
}

/**
 * When each of the nodes would be told, were nothing else to happen: the stages of `sleepersNow`,
 * looked ahead. Who finds no room within the time is left out.
 */
export function sleepStages(
  site: SiteState,
  ramps: SiteRamps,
  nodes: readonly number[],
  {
    nowMs,
    fromMs,
    untilMs,
  }: { readonly nowMs: number; readonly fromMs: number; readonly untilMs: number },
): readonly SleepStage[] {
  const stages: SleepStage[] = [];
  const coming = [...fallsToCome(site, ramps, nowMs)];
  const everyMs = Math.max(sleepsAgainMs, (untilMs - fromMs) / looksAheadMax);
  let left = nodes;
  for (let atMs = fromMs; left.length > 0 && atMs < untilMs; atMs += everyMs) {
    const told = new Set(sleepersAt(site, ramps, coming, { atMs, nodes: left }));
    if (told.size > 0) {
      const stage = { atMs, nodes: [...told] };
      stages.push(stage);
      coming.push({ atMs, settleMs: switchOffMs, steps: stepsOfSleep(site, ramps, stage.nodes) });
      left = left.filter((node) => !told.has(node));
    }
  }
  return stages;
}

/**
 * How long idle nodes below a planned curtailment's domain take to go off within ramps, as many as its target may ask for:
 * any of them may be off at any moment of its time, so that each keeps its room longer than a cap.
 * 0: no ramp holds them up.
 */
export function sleepLeadMs(state: EngineState, site: SiteState, curtailment: Curtailment): number {
  const ramps = state.ramps.get(site.site.id);
  const domain = site.domainIndexById.get(curtailment.domain);
  if (ramps === undefined || domain === undefined || curtailment.mode !== "planned") {
    return 0;
  }
  const idle = idleBelow(site, domain);
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const drop = (site.horizons[0]?.load[domain] ?? 0) - toNumber(curtailment.target) * scale;
  const part = Math.max(0, Math.min(1, drop / Math.max(1, idle[domain] ?? 0)));
  let leadMs = 0;
  for (const at of ramps.domains) {
    const limit = ramps.budget.ledgers[at]?.limit;
    const watts = (idle[at] ?? 0) * part;
    if (limit !== undefined && watts > 0) {
      const fallMs = (watts / limit.watts) * (limit.perMs + switchOffMs);
      leadMs = Math.max(leadMs, Math.ceil(fallMs) + memoryMs(limit) + switchOffMs);
    }
  }
  return leadMs;
}

/** By domain, scaled watts of the nodes below one that are on and that nobody holds. */
function idleBelow(site: SiteState, below: number): Float64Array {
  const idle = new Float64Array(site.parent.length);
  const isBelow = new Uint8Array(idle.length);
  isBelow[below] = 1;
  // Children stand after their parents.
  site.parent.forEach((parent, domain) => {
    isBelow[domain] ||= isBelow[parent] ?? 0;
  });
  for (let node = 0; node < site.nodeFlags.length; node += 1) {
    const at = site.nodeDomain[node] ?? 0;
    const isOn = ((site.nodeFlags[node] ?? 0) & (nodeOff | nodeAsleep)) === 0;
    if (isBelow[at] === 1 && isOn && (site.gpusHeld[node] ?? 0) === 0) {
      const watts = site.horizons[0]?.nodeWatts[node] ?? 0;
      idle[at] = (idle[at] ?? 0) + watts * (site.nodeMultiplier[at] ?? 0);
    }
  }
  for (let domain = idle.length - 1; domain > 0; domain -= 1) {
    const parent = site.parent[domain] ?? -1;
    if (parent >= 0) {
      idle[parent] =
        (idle[parent] ?? 0) + (idle[domain] ?? 0) * (site.parentMultiplier[domain] ?? 0);
    }
  }
  return idle;
}
