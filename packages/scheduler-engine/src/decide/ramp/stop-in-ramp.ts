import { stopGraceMs } from "../../limits.ts";
import { savedAndGoneMs } from "../../power/attempt-ends.ts";
import { forcedDomains, isBelowAny } from "../../power/shedding/effects.ts";
import { endsAgainMs, isWaitingToPause } from "../../power/ramp/ramp-lead.ts";
import { isLeastBad } from "../../power/ramp/ramp-nodes.ts";
import {
  type ComingSteps,
  fallsToCome,
  fitsRooms,
  leaving,
  type RampSteps,
  roomsAt,
  stepsOfEnd,
  stepsThatWait,
} from "../../power/ramp/ramp-room.ts";
import { stopsBeside } from "../../power/ramp/stops-next.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import type { SiteState } from "../../state/site-state.ts";
import { capHysteresisWatts, capNow } from "../caps/cap-orders.ts";
import { capBeforeWindow } from "../caps/cap-windows.ts";
import type { Deciding } from "../deciding.ts";
import { orderWithinRamp } from "../caps/ramp-caps.ts";
import { isBending } from "./wind-down.ts";

/**
 * May planned stops be made now, together? Where ramps stand above, only when they allow the step beside all
 * that is falling, and beside the pauses that are due before they are gone; until then caps go down in stages. What is
 * more than a ramp ever allows, at its lowest cap, stops when the domain is quiet. Below what must not go on everything
 * stops at once.
 */
export function mayStopInRamp(
  state: EngineState,
  site: SiteState,
  attempts: readonly Attempt[],
): boolean {
  const ramps = state.ramps.get(site.site.id);
  if (ramps === undefined) {
    return true;
  }
  const steps = new Map<number, number>();
  const gone = leaving(site);
  for (const attempt of attempts) {
    for (const [domain, watts] of stepsOfEnd(site, ramps, attempt, { gone })) {
      steps.set(domain, (steps.get(domain) ?? 0) + watts);
    }
    gone.add(attempt);
  }
  const goneInMs = goneInMsOf(state, attempts);
  const coming = stopsBeside(state, site, ramps, { attempts, goneInMs });
  return mayFall(state, site, ramps, { attempts, steps, settleMs: goneInMs, coming });
}

/** Until the last of them has surely written its checkpoint and is gone. */
function goneInMsOf({ jobs, nowMs }: EngineState, attempts: readonly Attempt[]): number {
  return attempts.reduce((latest, { job }) => {
    const spec = jobs.get(job)?.spec;
    return spec === undefined ? latest : Math.max(latest, savedAndGoneMs(nowMs, spec) - nowMs);
  }, stopGraceMs);
}

/** May a planned pause that is due stop now? One that takes no caps waits for those ramps only that ever allow it. */
export function mayPauseInRamp(state: EngineState, site: SiteState, attempt: Attempt): boolean {
  const ramps = state.ramps.get(site.site.id);
  if (ramps === undefined) {
    return true;
  }
  const whole = stepsOfEnd(site, ramps, attempt, { gone: leaving(site) });
  const steps = isBending(attempt) ? whole : stepsThatWait(ramps, whole);
  return mayFall(state, site, ramps, {
    attempts: [attempt],
    steps,
    settleMs: stopGraceMs,
    coming: [],
  });
}

interface Fall {
  readonly attempts: readonly Attempt[];
  /** What is asked for. */
  readonly steps: RampSteps;
  /** By when they are surely gone, from now. */
  readonly settleMs: number;
  /** What keeps its room from them, beside what falls already. */
  readonly coming: readonly ComingSteps[];
}

function mayFall(
  state: EngineState,
  site: SiteState,
  ramps: SiteRamps,
  { attempts, steps, settleMs, coming }: Fall,
): boolean {
  const forced = forcedDomains(state, site);
  if (attempts.every(({ heldNodes }) => isBelowAny(site, heldNodes, forced))) {
    return true;
  }
  const falls = [...fallsToCome(site, ramps, state.nowMs), ...coming];
  const rooms = roomsAt(ramps, { atMs: state.nowMs, settleMs }, falls);
  const areLowest = attempts.every((attempt) => isLowest(state, site, attempt));
  if (fitsRooms(rooms, steps) || (areLowest && isLeastBad(ramps, rooms, steps))) {
    return true;
  }
  ramps.endsAtMs = Math.min(ramps.endsAtMs, state.nowMs + endsAgainMs);
  return false;
}

function isLowest(state: EngineState, site: SiteState, attempt: Attempt): boolean {
  return (
    !isBending(attempt) ||
    capNow(site, attempt) < lowestWithinPromises(state, site, attempt) + capHysteresisWatts
  );
}

/** Its end moves with its cap, yet not within what is promised then. */
export function lowestWithinPromises(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
): number {
  return Math.max(attempt.floorCapWatts, Math.ceil(capBeforeWindow(state, site, attempt)));
}

/**
 * Those who make room for another and may not stop yet: their caps go down as far as ramps allow, and do not
 * rise until they are asked again.
 */
export function windDownVictims(
  deciding: Deciding,
  site: SiteState,
  victims: readonly Attempt[],
): void {
  const { state } = deciding;
  const ramps = state.ramps.get(site.site.id);
  if (ramps === undefined) {
    return;
  }
  ramps.yielding = { attempts: new Set(victims), untilMs: state.nowMs + 2 * endsAgainMs };
  for (const attempt of victims) {
    const lowest = lowestWithinPromises(state, site, attempt);
    if (isBending(attempt) && lowest < capNow(site, attempt)) {
      orderWithinRamp(deciding, site, attempt, lowest);
    }
  }
}

/** When a pause that is due and waits for ramps is to be looked at; Infinity: none waits. */
export function nextStopMs(state: EngineState, site: SiteState, { endsAtMs }: SiteRamps): number {
  const isWaiting = (state.curtailments.pauses.get(site.site.id) ?? []).some((pause) => {
    const attempt = state.jobs.get(pause.job)?.active?.get(pause.task ?? 0);
    const isUp = attempt?.phase === "starting" || attempt?.phase === "running";
    return isUp && isWaitingToPause(state, pause, attempt);
  });
  // The moment is a cache: after a restart it is found anew.
  return isWaiting ? (endsAtMs === Infinity ? state.nowMs : endsAtMs) : Infinity;
}
