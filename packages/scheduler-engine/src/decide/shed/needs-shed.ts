import { addNodeWatts, Leaving } from "../../power/above-idle.ts";
import { isAwaited } from "../../power/shedding/awaited.ts";
import { floorsKept } from "../../power/shedding/given-up.ts";
import { returnWatts } from "../../power/shedding/return-watts.ts";
import { visitAbove } from "../../state/columns.ts";
import { cutWatts, isAboveCap } from "../../state/caps.ts";
import { acknowledgeMs } from "../../limits.ts";
import { addFallingAsleep, fallingAsleep } from "../../power/falling-asleep.ts";
import { wakeMoments } from "../../power/promised-wakes.ts";
import { actsOnBounds, asksByBounds } from "../../power/stale-meters.ts";
import { known } from "../../state/assert.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import { nodeLost, type SiteState } from "../../state/site-state.ts";
import { stopBelievedUntilMs } from "./believed-stops.ts";
import { isBelowFloor } from "../../state/low-attempts.ts";
import { promisedGrowth } from "./promised-watts.ts";

/** Less than this part of a ceiling is not worth new orders. */
const worthPart = 0.005;
/** Between two rounds of giving back. */
const giveBackMs = 1_000;

export interface OverRule {
  readonly ceiling: Float64Array;
  /** Do checkpoints that are being written count as done? They take minutes, caps take a second. */
  readonly isWaitingForStops: boolean;
  /** So long caps that were ordered and are not acknowledged count as in force. */
  readonly answerMs: number;
}

/**
 * Is there something to shed, or to give back? Caps that were ordered count as done, so nothing is asked for
 * twice; a node that does not acknowledge in time counts at its old bound from then on, and others shed
 * instead. What was asked to write a checkpoint counts as it draws until it is gone.
 */
export function isShedDue(
  state: EngineState,
  site: SiteState,
  { isOver: isTooMuch }: OverAhead,
): boolean {
  return (
    isTooMuch ||
    hasRoomToGiveBack(state, site) ||
    isHeldBelowFloor(state, site) ||
    isReturnDue(state, site) ||
    isPausedInVain(state, site) ||
    isWakeDue(state, site) ||
    isPromiseDue(state, site)
  );
}

/** Have starts that are promised for soon no room yet beside what others may draw? They count on these at their floors. */
function isPromiseDue(state: EngineState, site: SiteState): boolean {
  const growth = promisedGrowth(state, site);
  if (growth === undefined) {
    return false;
  }
  const { load } = comingLoad(state, site, { isWaitingForStops: true, answerMs: acknowledgeMs });
  return growth.some(
    (scaled, column) =>
      scaled > 0 && (load[column] ?? 0) + scaled > (site.hardCeiling[column] ?? Infinity),
  );
}

/** Are nodes of a promised start due that are still off? Others make room for them, as for who comes back. */
function isWakeDue({ nowMs }: EngineState, site: SiteState): boolean {
  return (
    wakeMoments(site).some((atMs) => atMs <= nowMs) &&
    site.curtailments.some((one) => actsOnBounds(site, one, nowMs))
  );
}

export interface OverAhead {
  /** Bounds exceed a ceiling even when all that was ordered and is not late has happened. */
  readonly isOver: boolean;
  /** They exceed it until then at the latest: what was ordered is late from that moment on. Undefined: nothing is waited for. */
  readonly recheckAtMs: number | undefined;
}

/** What of the load stays over a ceiling, by what is believed of the orders that are under way. */
export function overAhead(
  state: EngineState,
  site: SiteState,
  { ceiling, ...rule }: OverRule,
): OverAhead {
  const now = known(site.horizons[0], "the horizon of now");
  if (!isOver(now.load, ceiling)) {
    return { isOver: false, recheckAtMs: undefined };
  }
  const { load, nextLookMs } = comingLoad(state, site, rule);
  const isOverThen = isOver(load, ceiling);
  const isWaited = !isOverThen && nextLookMs < Infinity;
  return { isOver: isOverThen, recheckAtMs: isWaited ? nextLookMs : undefined };
}

interface ComingLoad {
  readonly load: Float64Array;
  /** Who counts as gone. */
  readonly leaving: Leaving;
  readonly nextLookMs: number;
}

/** What will be in force once all that was ordered and is not late has happened, and when something is late next. */
export function comingLoad(
  state: EngineState,
  site: SiteState,
  { isWaitingForStops, answerMs }: Omit<OverRule, "ceiling">,
): ComingLoad {
  const load = known(site.horizons[0], "the horizon of now").load.slice();
  const leaving = new Leaving(site);
  let nextLookMs = Infinity;
  for (const attempt of site.attempts) {
    const isLeaving = attempt.phase === "stopping" || attempt.phase === "exited";
    const dueMs =
      isLeaving && isWaitingForStops
        ? takeOffStop(state, leaving, attempt, load)
        : addOrderedCaps(state, site, attempt, { load, factor: -1, answerMs });
    nextLookMs = Math.min(nextLookMs, dueMs > state.nowMs ? dueMs : Infinity);
  }
  const offByMs = addFallingAsleep(state, site, load, -1);
  nextLookMs = Math.min(nextLookMs, offByMs > state.nowMs ? offByMs : Infinity);
  return { load, leaving, nextLookMs };
}

/** Does a load exceed a ceiling in any domain? Both scaled, by column. */
export function isOver(load: Float64Array, ceiling: Float64Array): boolean {
  // Asked after every command: a plain loop.
  for (let domain = 0; domain < load.length; domain += 1) {
    if ((load[domain] ?? 0) > (ceiling[domain] ?? Infinity)) {
      return true;
    }
  }
  return false;
}

/** Takes off what an attempt that was told to stop, or has exited, holds; answers until when that is believed. */
function takeOffStop(
  state: EngineState,
  leaving: Leaving,
  attempt: Attempt,
  coming: Float64Array,
): number {
  const dueMs = stopBelievedUntilMs(state, attempt);
  if (state.nowMs < dueMs) {
    leaving.add(attempt, coming, -1);
  }
  return dueMs;
}

interface OrderedCaps extends Pick<OverRule, "answerMs"> {
  readonly load: Float64Array;
  readonly factor: number;
}

/** Adds what caps that were ordered will free, times a factor; answers until when that is believed. */
export function addOrderedCaps(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  { load, factor, answerMs }: OrderedCaps,
): number {
  if (attempt.capInForce === undefined) {
    return 0;
  }
  const dueMs = attempt.workAtMs + answerMs;
  if (state.nowMs < dueMs) {
    for (const [node, before] of attempt.capInForce) {
      const isSilent = ((site.nodeFlags[node] ?? 0) & nodeLost) !== 0 || site.silentNodes.has(node);
      if (!isSilent && isAboveCap(before, attempt.capWatts)) {
        const watts =
          cutWatts(site, node, attempt.gpusPerNode, attempt.capWatts) -
          cutWatts(site, node, attempt.gpusPerNode, before);
        addNodeWatts(site, node, watts * factor, load);
      }
    }
  }
  return dueMs;
}

/** Does a curtailment that acts on bounds leave watts unused that capped jobs could use? */
function hasRoomToGiveBack(state: EngineState, site: SiteState): boolean {
  if (!site.isInCurtailment || site.cappedCount === 0) {
    return false;
  }
  const now = known(site.horizons[0], "the horizon of now");
  // What is steered by measurement is given back by measurement.
  const bounded = site.curtailments.filter((one) => actsOnBounds(site, one, state.nowMs));
  const hasRoom = bounded.some((one) => {
    const domain = known(site.domainIndexById.get(one.domain), "domain of a curtailment");
    const ceiling = site.hardCeiling[domain] ?? 0;
    return ceiling - (now.load[domain] ?? 0) > worthPart * ceiling;
  });
  if (!hasRoom) {
    return false;
  }
  for (const attempt of site.attempts) {
    if (attempt.capInForce !== undefined || state.nowMs - attempt.workAtMs < giveBackMs) {
      return false;
    }
  }
  return true;
}

/**
 * Is a job still at a cap that only bridged, below its floor, though nothing is awaited any more? Its nodes were late when
 * others were given the watts, or what was left then was not worth orders; those above their floors make room for it.
 */
function isHeldBelowFloor(state: EngineState, site: SiteState): boolean {
  if (
    !site.isInCurtailment ||
    site.cappedCount === 0 ||
    site.shedInVainAt === state.releaseCount ||
    fallingAsleep(site, state.nowMs).length > 0 ||
    !site.curtailments.some((one) => asksByBounds(site, one, state.nowMs))
  ) {
    return false;
  }
  const isFloorKept = floorsKept(state, site);
  let isAnyBelow = false;
  for (const attempt of site.attempts) {
    const { capInForce, workAtMs } = attempt;
    const isOnItsWay = capInForce !== undefined && state.nowMs - workAtMs < acknowledgeMs;
    if (isOnItsWay || state.nowMs < stopBelievedUntilMs(state, attempt)) {
      // What that frees, and who rises, is seen when it is done.
      return false;
    }
    isAnyBelow ||= capInForce === undefined && isBelowFloor(attempt) && isFloorKept(attempt);
  }
  return isAnyBelow;
}

/**
 * Does a job that was paused for what bounds must not exceed wait to come back? Others make room for it.
 * In a planned curtailment that is measured the steering sees to that.
 */
function isReturnDue(state: EngineState, site: SiteState): boolean {
  if (!site.curtailments.some((one) => actsOnBounds(site, one, state.nowMs))) {
    return false;
  }
  for (const paused of state.curtailments.paused.values()) {
    const isHere = paused.site === site.site.id && site.isInCurtailment;
    if (paused.isReturning && isHere && isAwaited(state, paused)) {
      return true;
    }
  }
  return false;
}

/**
 * Does a job pause for what bounds must not exceed that they have room for at its floor, or while nobody else gives
 * anything? Others may have ended, or obeyed late, since its pause was planned; nobody has to be capped for it to be seen.
 */
function isPausedInVain(state: EngineState, site: SiteState): boolean {
  // Asked after every command: what was found to be in vain stays so until something changes.
  if (
    site.shedInVainAt === state.releaseCount ||
    !site.curtailments.some((one) => actsOnBounds(site, one, state.nowMs))
  ) {
    return false;
  }
  for (const paused of state.curtailments.paused.values()) {
    const isOut =
      paused.site === site.site.id &&
      paused.curtailment === undefined &&
      !paused.isReturning &&
      isAwaited(state, paused) &&
      state.jobs.get(paused.job)?.active?.has(paused.task) !== true;
    if (isOut && (site.cappedCount === 0 || hasRoomFor(state, site, paused))) {
      return true;
    }
  }
  return false;
}

function hasRoomFor(state: EngineState, site: SiteState, paused: PausedTask): boolean {
  const more = new Map<number, number>();
  for (const node of paused.nodes) {
    visitAbove(site, node, returnWatts(state, site, paused, node), (column, scaled) => {
      more.set(column, (more.get(column) ?? 0) + scaled);
    });
  }
  const { load } = known(site.horizons[0], "the horizon of now");
  return [...more].every(
    ([column, scaled]) => (load[column] ?? 0) + scaled <= (site.hardCeiling[column] ?? 0),
  );
}
