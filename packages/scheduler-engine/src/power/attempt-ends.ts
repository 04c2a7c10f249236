import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import type { JobSpec } from "../words/job-spec.ts";
import { type Ranked, ranksOf } from "./attempt-ranks.ts";

/** When plans count on an attempt being gone. Its bound stays in force until it really is. */
export function holdsUntilMs(attempt: Attempt): number {
  return Math.min(attempt.endsByMs + stopGraceMs, attempt.goneByMs);
}

/** When who is asked now to stop for others has saved its work and is gone. */
export function savedAndGoneMs(nowMs: number, { checkpoint }: JobSpec): number {
  return nowMs + (checkpoint === undefined ? 0 : toNumber(checkpoint.save)) + stopGraceMs;
}

function rankToEnd(attempt: Attempt): Ranked {
  const untilMs = holdsUntilMs(attempt);
  return { attempt, key: untilMs, feedScaled: 0, untilMs };
}

/** Attempts of a site, those that are counted on to be gone first before the others. */
export function byEnd(site: SiteState): Generator<Ranked, void, void> {
  return ranksOf(site).toEnd.inOrder(site, rankToEnd);
}

/** When plans count on every attempt of a site being gone; `leastMs` where none runs. */
export function lastEndMs(site: SiteState, leastMs: number): number {
  return Math.max(leastMs, ranksOf(site).toEnd.last(site, rankToEnd)?.untilMs ?? leastMs);
}
