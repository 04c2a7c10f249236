import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import type { JobSpec } from "../words/job-spec.ts";
import { type Ranked, ranksOf } from "./attempt-ranks.ts";

/** When plans count on an attempt being gone. Its bound stays in force until it really is. */
export function holdsUntilMs(attempt: Attempt): number {
  const { endsByMs, goneByMs, isOverdue } = attempt;
  return isOverdue ? Infinity : Math.min(endsByMs + stopGraceMs, goneByMs);
}

/**
 * From when on plans do not count on nodes any more that have not confirmed a stop: a stop grace after they should have.
 * Nobody knows when they will, as of lost ones.
 */
export function overdueFromMs({ goneByMs, exitedAtMs = Infinity }: Attempt): number {
  return Math.min(goneByMs, exitedAtMs + stopGraceMs) + stopGraceMs;
}

/** When who is asked now to stop for others has saved its work and is gone. */
export function savedAndGoneMs(nowMs: number, { checkpoint }: JobSpec): number {
  return nowMs + (checkpoint === undefined ? 0 : toNumber(checkpoint.save)) + stopGraceMs;
}

function rankToEnd(attempt: Attempt): Ranked | undefined {
  const untilMs = holdsUntilMs(attempt);
  return attempt.isOverdue ? undefined : { attempt, key: untilMs, feedScaled: 0, untilMs };
}

/** Attempts of a site that are counted on to be gone after a moment, the first before the others. */
export function byEnd(site: SiteState, afterMs: number = -Infinity): Generator<Ranked, void, void> {
  return ranksOf(site).toEnd.inOrder(site, rankToEnd, (_, untilMs) => untilMs > afterMs);
}

/** When plans count on every one of them being gone; `leastMs` where there is none. */
export function lastEndMs(site: SiteState, leastMs: number): number {
  return Math.max(leastMs, ranksOf(site).toEnd.last(site, rankToEnd)?.untilMs ?? leastMs);
}
