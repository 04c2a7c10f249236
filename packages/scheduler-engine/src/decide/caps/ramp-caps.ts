import { acknowledgeMs } from "../../limits.ts";
import { capWithinQuota } from "../../placement/quota.ts";
import { isAboveCap } from "../../state/caps.ts";
import { comingRises } from "../../power/ramp/ramp-coming.ts";
import { endsByUnder } from "../../power/shedding/ends-under.ts";
import { isBeforeCurtailment } from "../../power/shedding/ramp-fall.ts";
import { isWindingDown } from "../../power/ramp/ramp-lead.ts";
import { fallsToCome, fitsRooms, roomsAt, stepsOfCap } from "../../power/ramp/ramp-room.ts";
import { stopsNext } from "../../power/ramp/stops-next.ts";
import { raiseSettleMs } from "../../power/ramp/ramp-settle.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { capHysteresisWatts, capNow, highestCap, orderCap } from "./cap-orders.ts";
import type { Deciding } from "../deciding.ts";

/** Caps that a ramp held up are looked at again after so long. */
const capsAgainMs = 5_000;

/**
 * Orders another cap as far as the ramps above the attempt allow it now, and the quotas above its
 * job; the rest of the way follows in steps, since whoever wants it asks again when time has passed.
 * Without a ramp and a quota: the whole way.
 *
 * @returns whether anything was ordered
 */
export function orderWithinRamp(
  deciding: Deciding,
  site: SiteState,
  attempt: Attempt,
  capWatts: number,
): boolean {
  const allowed = capInReach(deciding.state, site, attempt, capWatts);
  if (allowed === attempt.capWatts) {
    return false;
  }
  orderCap(deciding, attempt, allowed);
  return true;
}

/** Would `orderWithinRamp` order anything? A dry run that leaves no trace. */
export function isInReach(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  capWatts: number,
): boolean {
  const ramps = state.ramps.get(site.site.id);
  const capsAtMs = ramps?.capsAtMs ?? 0;
  const allowed = capInReach(state, site, attempt, capWatts);
  if (ramps !== undefined) {
    ramps.capsAtMs = capsAtMs;
  }
  return allowed !== attempt.capWatts;
}

/** The cap nearest to what is wanted that ramps and quotas allow now. */
export function capInReach(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  capWatts: number,
): number {
  return capWithinRamp(state, site, attempt, capByQuota(state, site, attempt, capWatts));
}

/** A raise that quotas leave too little of is none: every change costs a round trip. */
function capByQuota(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  capWatts: number,
): number {
  if (!isAboveCap(capWatts, attempt.capWatts)) {
    return capWatts;
  }
  const cap = capWithinQuota(state, site, attempt, capWatts);
  return cap !== 0 && cap < attempt.capWatts + capHysteresisWatts ? attempt.capWatts : cap;
}

/** The cap nearest to what is wanted that ramps allow now; where they bind, the site is looked at again. */
function capWithinRamp(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  capWatts: number,
): number {
  const ramps = state.ramps.get(site.site.id);
  const from = capNow(site, attempt);
  const to = capWatts === 0 ? highestCap(site, attempt) : capWatts;
  const isRaise = to > from;
  if (isRaise && isBeforeCurtailment(state, site, attempt)) {
    return attempt.capWatts;
  }
  if (ramps === undefined || from === to) {
    return capWatts;
  }
  if (isRaise && isWindingDown(state, site, attempt, endsByUnder(state, attempt, 0))) {
    return attempt.capWatts;
  }
  const isHeldUp = isRaise && state.nowMs < ramps.waitUntilMs;
  const rooms = roomsAt(
    ramps,
    { atMs: state.nowMs, settleMs: isRaise ? raiseSettleMs(attempt, state.nowMs) : acknowledgeMs },
    // A start that is only promised makes no room for a fall.
    isRaise
      ? comingRises(state, site, ramps, { job: undefined })
      : [...fallsToCome(site, ramps, state.nowMs), ...stopsNext(state, site, ramps, attempt)],
  );
  const fits = (cap: number): boolean => fitsRooms(rooms, stepsOfCap(site, ramps, attempt, cap));
  if (!isHeldUp && fits(capWatts)) {
    return capWatts;
  }
  ramps.capsAtMs = Math.min(ramps.capsAtMs, state.nowMs + capsAgainMs);
  if (isHeldUp) {
    // Who waits to start has the next room.
    return attempt.capWatts;
  }
  const direction = isRaise ? 1 : -1;
  let low = 0;
  let high = Math.abs(to - from) - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(from + direction * middle)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low < capHysteresisWatts ? attempt.capWatts : from + direction * low;
}
