import {
  type ChangeCause,
  forgetChanges,
  isRoomFor,
  recordJoined,
  roomAt,
  tallyStep,
} from "@ertis/power-planning";
import { forcedDomains, isBelowAny } from "../power/shedding/effects.ts";
import { isBeyondRamp } from "../power/ramp/ramp-room.ts";
import { type ChangeTime, changeTimeOf, sleepAskedAtMs } from "../power/ramp/ramp-settle.ts";
import type { EngineState } from "../state/engine-state.ts";
import { findAttempt } from "../state/job.ts";
import type { SiteRamps } from "../state/ramps.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Event } from "../words/event.ts";

/** What an event is about to change. */
export interface BeforeChange {
  readonly sites: readonly {
    readonly site: SiteState;
    /** Bounds of the domains with a ramp. */
    readonly loads: readonly number[];
  }[];
  /** Does it release what the scheduler itself asked to stop, at a moment known ahead? */
  readonly isPlannedEnd: boolean;
  /** Does it lower or end what is below a domain that must not go on as it is? */
  readonly isForced: boolean;
  readonly time: ChangeTime;
}

const nothing: BeforeChange = {
  sites: [],
  isPlannedEnd: false,
  isForced: false,
  time: { atMs: 0, settleMs: 0 },
};

/** Bounds of the domains with a ramp, before an event changes some of them. */
export function loadsBefore(state: EngineState, event: Event): BeforeChange {
  if (state.ramps.size === 0) {
    return nothing;
  }
  const sites = [...state.ramps].flatMap(([id, { domains }]) => {
    const site = state.sites.get(id);
    return site === undefined ? [] : [{ site, loads: loadsOf(site, domains) }];
  });
  return {
    sites,
    isPlannedEnd: isPlannedEnd(state, event),
    isForced: isForced(state, event),
    time: changeTimeOf(state, event),
  };
}

/** Writes down what the event did to them. A site that was described anew has other domains. */
export function recordLoads(
  state: EngineState,
  { sites, isPlannedEnd: isPlanned, isForced: isEmergency, time }: BeforeChange,
  event: Event,
): void {
  for (const { site, loads } of sites) {
    const ramps = state.ramps.get(site.site.id);
    if (ramps === undefined || state.sites.get(site.site.id) !== site) {
      continue;
    }
    for (const [at, domain] of ramps.domains.entries()) {
      const watts = (site.horizons[0]?.load[domain] ?? 0) - (loads[at] ?? 0);
      const ledger = ramps.budget.ledgers[domain];
      const tally = ramps.tallies[at];
      if (watts !== 0 && ledger !== undefined && tally !== undefined) {
        forgetChanges(ramps.budget, state.nowMs);
        const change = { event, isPlanned, isEmergency, domain, watts, time };
        const step = { ...time, watts, cause: causeOf(state, ramps, change) };
        recordJoined(ledger, step);
        tallyStep(tally, ledger, step);
      }
    }
  }
}

function isForced(state: EngineState, event: Event): boolean {
  if (event.kind === "node-powered-off") {
    const site = state.sites.get(event.site);
    return site !== undefined && isBelowAny(site, [event.node], forcedDomains(state, site));
  }
  if (event.kind !== "cap-acknowledged" && event.kind !== "placement-released") {
    return false;
  }
  const { job: number, task, attempt } = event.attempt;
  const job = state.jobs.get(number);
  const placement = job && findAttempt(job, task, attempt)?.placement;
  const site = state.sites.get(placement?.site ?? "");
  return site !== undefined && isBelowAny(site, placement?.nodes ?? [], forcedDomains(state, site));
}

function loadsOf(site: SiteState, domains: readonly number[]): readonly number[] {
  return domains.map((domain) => site.horizons[0]?.load[domain] ?? 0);
}

/**
 * A walltime, a drain's deadline, a pause: these ends are wound down, and nodes go off in stages. A crash, a
 * cancelled job and one that is done early come when they come.
 */
function isPlannedEnd(state: EngineState, event: Event): boolean {
  if (event.kind === "node-powered-off") {
    return sleepAskedAtMs(state, event) !== undefined;
  }
  if (event.kind !== "placement-released") {
    return false;
  }
  const { job: number, task, attempt } = event.attempt;
  const job = state.jobs.get(number);
  switch (job && findAttempt(job, task, attempt)?.stopReason) {
    case "walltime":
    case "drain":
      return true;
    case "cancelled":
      // Not its owner but a drain did it.
      return job?.isCancelled === false;
    case "preemption":
      return true;
    default:
      return false;
  }
}

interface Change {
  readonly event: Event;
  readonly isPlanned: boolean;
  readonly isEmergency: boolean;
  readonly domain: number;
  readonly watts: number;
  readonly time: ChangeTime;
}

function atOnce({ nowMs }: EngineState): ChangeTime {
  return { atMs: nowMs, settleMs: 0 };
}

/** What was announced too late to be wound down, or not far enough, counts as if nobody had known. */
function hasRoom(
  { budget }: SiteRamps,
  { domain, watts, time: { atMs, settleMs } }: Change,
): boolean {
  const ledger = budget.ledgers[domain];
  return ledger === undefined || isRoomFor(roomAt(ledger, atMs, settleMs), watts);
}

/**
 * What the scheduler itself changes is planned, unless an emergency makes it step down. A step that is
 * larger than the ramp ever allows is let through, see `askRamp`; it and ends that come when they come
 * are counted.
 */
function causeOf(state: EngineState, ramps: SiteRamps, change: Change): ChangeCause {
  const { event, isPlanned, isEmergency, domain, watts } = change;
  switch (event.kind) {
    case "attempt-started":
      return isBeyondRamp(ramps, domain, watts) ? "unplanned" : "planned";
    case "cap-set":
      return "planned";
    case "cap-acknowledged":
      return isEmergency ? "emergency" : "planned";
    case "placement-released":
      if (isPlanned && isEmergency) {
        return "emergency";
      }
      return isPlanned && hasRoom(ramps, { ...change, time: atOnce(state) })
        ? "planned"
        : "unplanned";
    case "node-powered-off":
      if (isPlanned && isEmergency) {
        return "emergency";
      }
      return isPlanned && hasRoom(ramps, change) ? "planned" : "unplanned";
    case "node-returned":
      return hasRoom(ramps, change) ? "planned" : "unplanned";
    default:
      return "unplanned";
  }
}
