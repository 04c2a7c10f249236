import { type FillJob, raiseCaps } from "@ertis/power-planning";
import { besideLow } from "../../power/shedding/beside-low.ts";
import { besideWaiting } from "../../power/shedding/beside-waiting.ts";
import { besideReturns } from "../../power/shedding/beside-returns.ts";
import { compareAttempts, type Ranked, ranksOf } from "../../power/attempt-ranks.ts";
import { capWithinQuota } from "../../placement/quota.ts";
import { leastRaiseOfGpu, mayRaise } from "../../power/raise-room.ts";
import { fillJobOf, turnoverWeightOf } from "../../power/shedding/fill-jobs.ts";
import { feedPerGpuWatt } from "../../power/gang-load.ts";
import { holdsUntilMs } from "../../power/attempt-ends.ts";
import { isBelowAny } from "../../power/shedding/effects.ts";
import { recoveringDomains, steeredDomains } from "../../power/felt-domains.ts";
import { lentCurve, rankedCurve } from "../../power/shedding/lent-curves.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import { isBelowFloor } from "../../state/low-attempts.ts";
import type { Horizon, SiteState } from "../../state/site-state.ts";
import { capStepWatts } from "../../power/shedding/curves.ts";
import { capHysteresisWatts, highestCap, takesCaps } from "./cap-orders.ts";
import type { Deciding } from "../deciding.ts";
import { orderWithinRamp } from "./ramp-caps.ts";
import { isHeldForSqueeze } from "./squeeze-hold.ts";

/** Later windows are looked at one by one up to here; of the rest the tightest counts for all. */
const windowsApart = 4;

/** A raise looks at so many attempts in one pass, those that gain most; the next pass goes on. */
const raisedPerPassMax = 64;

/** No gain of a GPU is as large. */
const lowFirst = 1e12;

/**
 * Gives free watts to capped attempts, once nothing more can start with them. What is kept for a
 * promised start stays free: its window is one of those that a raise must fit.
 *
 * @returns whether another pass may find more to raise
 */
export function raiseWhereFree(deciding: Deciding): boolean {
  let isMoreLeft = false;
  for (const site of deciding.state.sites.values()) {
    if (
      site.cappedCount > 0 &&
      site.awaySinceMs === undefined &&
      !isHeldForSqueeze(deciding.state, site)
    ) {
      isMoreLeft = raiseIn(deciding, site) || isMoreLeft;
    }
  }
  return isMoreLeft;
}

/**
 * In the recovery of a planned curtailment what was held back comes before whoever waits: to be asked before
 * anybody starts. Its ceiling rises in steps, and ramps hold.
 */
export function raiseRecovering(deciding: Deciding): void {
  const { state } = deciding;
  for (const site of state.sites.values()) {
    if (!site.isInCurtailment || site.cappedCount === 0 || site.awaySinceMs !== undefined) {
      continue;
    }
    const back = recoveringDomains(site, state.nowMs);
    const steered = steeredDomains(site, state.nowMs);
    const isMeant = ({ heldNodes }: Attempt): boolean =>
      isBelowAny(site, heldNodes, back) && !isBelowAny(site, heldNodes, steered);
    if (back.size > 0 && !isHeldForSqueeze(state, site)) {
      const horizons = besideOthers(state, site);
      const ledger = { site, horizons };
      raise(deciding, ledger, raisable(state, ledger, isMeant).attempts);
    }
  }
}

function raiseIn(deciding: Deciding, site: SiteState): boolean {
  const { state } = deciding;
  if (site.raisedInVainAt === state.releaseCount) {
    return false;
  }
  const horizons = besideOthers(state, site);
  const now = known(horizons[0], "the horizon of now");
  const oneWatt = site.scaledPerWattMin[0] ?? 0;
  if ((now.load[0] ?? 0) + oneWatt > (now.ceiling[0] ?? 0) || isBeingShed(site, now)) {
    return false;
  }
  // Below a curtailment whoever carries it out says what is raised.
  const steered = steeredDomains(site, state.nowMs);
  if (steered.has(0)) {
    return false;
  }
  const isMeant = ({ heldNodes }: Attempt): boolean => !isBelowAny(site, heldNodes, steered);
  const ledger = { site, horizons };
  const { attempts, areAll } = raisable(state, ledger, isMeant);
  // Who was brought below its floor for a lost supply is back at it before others get more than theirs.
  const low = attempts.filter(isBelowFloor);
  const lowCount = low.length === 0 ? 0 : raise(deciding, ledger, low, toFloor);
  const raisedCount = lowCount + (attempts.length === 0 ? 0 : raise(deciding, ledger, attempts));
  if (raisedCount === 0 && areAll) {
    site.raisedInVainAt = state.releaseCount;
  }
  return raisedCount > 0 && !areAll;
}

/** While a limit or an emergency is exceeded, plans change with every answer: nobody rises into what is free beside that. */
function isBeingShed(site: SiteState, { load }: Horizon): boolean {
  return (
    (site.isInCurtailment || site.lostSupplies.size > 0) &&
    site.forcedCeiling.some((ceiling, column) => (load[column] ?? 0) > ceiling)
  );
}

/** Without the watts of those who come back to them, and go before whoever has its floor already. */
function besideOthers(state: EngineState, site: SiteState): readonly Horizon[] {
  return besideLow(state, site, besideWaiting(state, site, besideReturns(state, site)));
}

function toFloor({ floorCapWatts }: Attempt, capWatts: number): number {
  return Math.min(floorCapWatts, capWatts);
}

/** What raises have to fit: without what gangs come back to that shrink or grow just now. */
interface RaiseLedger {
  readonly site: SiteState;
  readonly horizons: readonly Horizon[];
}

/** The attempts that may rise and gain most by it, in order of their jobs. */
function raisable(
  state: EngineState,
  { site, horizons }: RaiseLedger,
  isMeant: (attempt: Attempt) => boolean,
): { readonly attempts: readonly Attempt[]; readonly areAll: boolean } {
  const attempts: Attempt[] = [];
  const rank = (one: Attempt): Ranked | undefined => rankToRaise(state, site, one);
  for (const { attempt } of ranksOf(site).toRaise.inOrder(site, rank, feedRoom(horizons))) {
    if (takesCaps(attempt) && isMeant(attempt) && mayRiseABit(state, { site, horizons }, attempt)) {
      if (attempts.length === raisedPerPassMax) {
        return { attempts: attempts.toSorted(compareAttempts), areAll: false };
      }
      attempts.push(attempt);
    }
  }
  return { attempts: attempts.toSorted(compareAttempts), areAll: true };
}

/** Tells apart who has no room at the feed, now or in a window before he is gone. */
function feedRoom(horizons: readonly Horizon[]): (feedScaled: number, untilMs: number) => boolean {
  const windows = horizons.map(({ atMs, ceiling, load }) => ({
    atMs,
    freeScaled: (ceiling[0] ?? 0) - (load[0] ?? 0),
  }));
  const leastScaled = Math.min(...windows.map(({ freeScaled }) => freeScaled));
  return (feedScaled, untilMs) =>
    feedScaled <= leastScaled ||
    windows.every(({ atMs, freeScaled }) => atMs >= untilMs || feedScaled <= freeScaled);
}

/** By the weighted speed that a GPU gains with the next watts; first of all who is below its floor. */
function rankToRaise(state: EngineState, site: SiteState, attempt: Attempt): Ranked | undefined {
  const { job, capWatts, capInForce } = attempt;
  const curve = rankedCurve(attempt);
  // A lowering that is on its way frees watts that others count on, though bounds show them in use
  // still. Back up it would seem to cost nothing, and whoever lowered it would do so again for ever.
  if (capWatts === 0 || curve === undefined || capInForce !== undefined) {
    return undefined;
  }
  const above = curve.points.findIndex((point) => point.capWatts > capWatts);
  const low = curve.points[above - 1];
  const high = curve.points[above];
  const slope =
    low === undefined || high === undefined
      ? 0
      : (high.speed - low.speed) / (high.capWatts - low.capWatts);
  const weight = turnoverWeightOf(known(state.jobs.get(job), "job of an attempt"), 1);
  const least = leastRaiseOfGpu(site, attempt, leastRaise(site, attempt));
  const feedScaled = feedPerGpuWatt(site, attempt) * least;
  const key = -slope * weight - (isBelowFloor(attempt) ? lowFirst : 0);
  return { attempt, key, feedScaled, untilMs: holdsUntilMs(attempt) };
}

/** @returns how many have risen */
function raise(
  deciding: Deciding,
  { site, horizons }: RaiseLedger,
  attempts: readonly Attempt[],
  atMost = (_: Attempt, capWatts: number): number => capWatts,
): number {
  const { jobs, freeScaled } = roomInWindows(deciding.state, { site, horizons }, attempts);
  const { capWatts } = raiseCaps({
    jobs,
    capNowWatts: Float64Array.from(attempts, (attempt) => attempt.capWatts),
    freeScaled,
    counts: "cap",
    capStepWatts,
  });
  let raisedCount = 0;
  attempts.forEach((attempt, at) => {
    const highest = highestCap(site, attempt);
    const found = atMost(attempt, Math.floor(capWatts[at] ?? 0));
    const wanted = found >= highest ? 0 : found;
    const isWorthIt = wanted === 0 || wanted >= attempt.capWatts + capHysteresisWatts;
    if (isWorthIt && mayRaise(site, horizons, attempt, wanted)) {
      raisedCount += orderWithinRamp(deciding, site, attempt, wanted) ? 1 : 0;
    }
  });
  return raisedCount;
}

/** The least that would be worth it fits: most have nothing to gain, and are told apart here. */
function mayRiseABit(
  state: EngineState,
  { site, horizons }: RaiseLedger,
  attempt: Attempt,
): boolean {
  const least = leastRaise(site, attempt);
  return (
    mayRaise(site, horizons, attempt, least) &&
    capWithinQuota(state, site, attempt, least) === least
  );
}

function leastRaise(site: SiteState, attempt: Attempt): number {
  const more = attempt.capWatts + capHysteresisWatts;
  return more >= highestCap(site, attempt) ? 0 : more;
}

/**
 * What is free in each domain now, and again in each later window for those that still run then: a
 * window is a second set of domains behind the first.
 */
function roomInWindows(
  state: EngineState,
  { site, horizons }: RaiseLedger,
  attempts: readonly Attempt[],
): { readonly jobs: readonly FillJob[]; readonly freeScaled: Float64Array } {
  // Transfer sums are columns behind those of the domains.
  const domainCount = site.usableScaled.length;
  const windowCount = Math.min(horizons.length, 1 + windowsApart);
  const freeScaled = new Float64Array(windowCount * domainCount).fill(Infinity);
  horizons.forEach((horizon, at) => {
    const offset = Math.min(at, windowCount - 1) * domainCount;
    for (let domain = 0; domain < domainCount; domain += 1) {
      const free = (horizon.ceiling[domain] ?? 0) - (horizon.load[domain] ?? 0);
      // A domain that is too full already lets nothing rise, and needs nothing lowered here.
      freeScaled[offset + domain] = Math.min(
        freeScaled[offset + domain] ?? Infinity,
        Math.max(0, free),
      );
    }
  });
  const jobs = attempts.map((attempt) => {
    const running = known(state.jobs.get(attempt.job), "job of an attempt");
    const gpuCount = attempt.heldNodes.length * attempt.gpusPerNode;
    const job = fillJobOf(site, {
      job: running,
      weight: turnoverWeightOf(running, gpuCount),
      curve: known(lentCurve(site, attempt, state.nowMs), "curve of a capped attempt"),
      floorCapWatts: attempt.capWatts,
      nodes: attempt.heldNodes,
      gpusPerNode: attempt.gpusPerNode,
    });
    const untilMs = holdsUntilMs(attempt);
    const domains = [...job.domains];
    const perWatt = [...job.scaledPerGpuWatt];
    for (let window = 1; window < windowCount; window += 1) {
      if ((horizons[window]?.atMs ?? Infinity) < untilMs) {
        domains.push(...[...job.domains].map((domain) => window * domainCount + domain));
        perWatt.push(...job.scaledPerGpuWatt);
      }
    }
    return {
      ...job,
      domains: Int32Array.from(domains),
      scaledPerGpuWatt: Float64Array.from(perWatt),
    };
  });
  return { jobs, freeScaled };
}
