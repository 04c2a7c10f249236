import { type GangSeen, neededCapWatts, seeGang } from "@ertis/power-planning";
import { compareAttempts } from "../../power/attempt-ranks.ts";
import { staleAfterMs } from "../../power/stale-meters.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Measure } from "../../words/command.ts";
import type { NeedsLearned } from "../../words/event.ts";
import { capNow, highestCap, takesCaps } from "./cap-orders.ts";
import type { Deciding } from "../deciding.ts";

/** A need that falls by less is not worth an event. */
const fallWattsMin = 20;

/**
 * Learns from measurements of GPUs what running attempts need. Who needs less than it may have can be
 * capped there at no loss, so that others fit; the caps stay the hard bound whatever they draw then. One
 * that meets its cap needs more again.
 */
export function learnNeeds({ state, emit }: Deciding, site: SiteState, command: Measure): void {
  const before = site.gangsSeen;
  const now = seenNow(state, site, command);
  site.gangsSeen = now;
  const needs: NeedsLearned["needs"][number][] = [];
  // After a restart somebody may have a need of whom nothing is remembered.
  const asked = before === undefined ? site.attempts : new Set([...before.keys(), ...now.keys()]);
  for (const attempt of [...asked].toSorted(compareAttempts)) {
    if (!site.attempts.has(attempt)) {
      continue;
    }
    const capWatts = neededCap(site, attempt, now.get(attempt));
    if (isNews(site, attempt, capWatts)) {
      needs.push({
        attempt: { job: attempt.job, task: attempt.task, attempt: attempt.attempt },
        capWatts,
      });
    }
  }
  if (needs.length > 0) {
    emit({ kind: "needs-learned", site: site.site.id, needs });
  }
}

/** What this measurement adds to what was seen; who is not in it is remembered as it was. */
function seenNow(
  state: EngineState,
  site: SiteState,
  { attempts }: Measure,
): ReadonlyMap<Attempt, GangSeen> {
  const now = new Map<Attempt, GangSeen>();
  for (const [attempt, known] of site.gangsSeen ?? []) {
    if (site.attempts.has(attempt) && state.nowMs - known.seenAtMs < staleAfterMs) {
      now.set(attempt, known);
    }
  }
  for (const { attempt: key, gpuWatts } of attempts) {
    // Most sites measure no GPUs, and then thousands of attempts need no look.
    if (gpuWatts === undefined) {
      continue;
    }
    const attempt = state.jobs.get(key.job)?.active?.get(key.task);
    const isIt = attempt?.attempt === key.attempt && site.attempts.has(attempt);
    if (isIt && takesCaps(attempt)) {
      const reading = { atMs: state.nowMs, watts: gpuWatts, capWatts: capNow(site, attempt) };
      now.set(attempt, seeGang(now.get(attempt), reading));
    }
  }
  return now;
}

/** 0: all it may have. */
function neededCap(site: SiteState, attempt: Attempt, gang: GangSeen | undefined): number {
  const capWatts = gang === undefined || !takesCaps(attempt) ? 0 : neededCapWatts(gang);
  return capWatts >= highestCap(site, attempt) ? 0 : capWatts;
}

/** More is told at once, less when it is worth it. */
function isNews(site: SiteState, attempt: Attempt, capWatts: number): boolean {
  const highest = highestCap(site, attempt);
  const fallsBy = (attempt.neededCapWatts || highest) - (capWatts || highest);
  return fallsBy < 0 || fallsBy >= fallWattsMin;
}
