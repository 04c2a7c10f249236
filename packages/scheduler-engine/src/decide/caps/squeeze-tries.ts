import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { InVain, SqueezeTries } from "../../state/squeeze-tries.ts";
import type { JobNumber } from "../../words/job-spec.ts";

/** So many squeezes of a site are tried in vain at one moment: each looks at hundreds of attempts. */
const inVainMax = 3;
/**
 * Caps are lowered for a job so often at one moment: others may have started with the watts of the first
 * squeeze. Without a bound a job that does not start after all and the raise that follows go in a circle.
 */
const perMomentMax = 3;
/**
 * A job for which one gained nothing is not tried again for so long: others are, meanwhile. Nor before
 * anything was released: what was found then still stands.
 */
const againAfterMs = 10_000;
/** When tries were left to later, a pass goes on with them after this time at the latest. */
const goesOnAfterMs = 1_000;

/** May a squeeze for a job be tried now? Where others have used up this moment, a later pass tries it. */
export function mayTrySqueeze(state: EngineState, site: SiteState, job: JobNumber): boolean {
  const tries = site.squeezeTries;
  if (tries === undefined) {
    return true;
  }
  if (isSqueezedOften(state, site, job)) {
    state.preemptsAgainAtMs = Math.min(state.preemptsAgainAtMs, state.nowMs + goesOnAfterMs);
    return false;
  }
  const last = tries.inVain.get(job);
  if (last !== undefined && !isOver(last, state)) {
    if (releasedCount(state) !== last.releasedCount) {
      const againAtMs = last.atMs + againAfterMs;
      state.preemptsAgainAtMs = Math.min(state.preemptsAgainAtMs, againAtMs);
    }
    return false;
  }
  if (tries.atMs === state.nowMs && tries.countLeft === 0) {
    state.preemptsAgainAtMs = Math.min(state.preemptsAgainAtMs, state.nowMs + goesOnAfterMs);
    return false;
  }
  return true;
}

/** Have caps been lowered for it so often at this moment that it has to do without? */
export function isSqueezedOften(
  { nowMs }: EngineState,
  { squeezeTries: tries }: SiteState,
  job: JobNumber,
): boolean {
  return tries?.atMs === nowMs && (tries.doneCounts.get(job) ?? 0) >= perMomentMax;
}

/** Has this moment had all its tries in vain? */
export function areTriesUsedUp({ nowMs }: EngineState, site: SiteState): boolean {
  const tries = site.squeezeTries;
  return tries?.atMs === nowMs && tries.countLeft === 0;
}

/**
 * Once all sites have had their tries of this moment: is it known already when a pass looks again, and no sooner for
 * this job?
 */
export function isLookedAtSoon(
  { sites, nowMs, preemptsAgainAtMs }: EngineState,
  job: JobNumber,
): boolean {
  if (preemptsAgainAtMs > nowMs + goesOnAfterMs) {
    return false;
  }
  for (const site of sites.values()) {
    if (site.squeezeTries?.inVain.has(job) === true) {
      return false;
    }
  }
  return true;
}

export function noteSqueeze(state: EngineState, site: SiteState, job: JobNumber): void {
  const { doneCounts } = triesNow(state, site);
  doneCounts.set(job, (doneCounts.get(job) ?? 0) + 1);
}

export function squeezedInVain(state: EngineState, site: SiteState, job: JobNumber): void {
  const { nowMs } = state;
  const tries = triesNow(state, site);
  tries.countLeft -= 1;
  tries.inVain.set(job, { atMs: nowMs, releasedCount: releasedCount(state) });
}

function isOver(last: InVain, state: EngineState): boolean {
  return state.nowMs >= last.atMs + againAfterMs && releasedCount(state) !== last.releasedCount;
}

/** Without the passes that only look again: else what is tried in vain would bring the next of them. */
function releasedCount({ releaseCount, lookedAgainCount }: EngineState): number {
  return releaseCount - lookedAgainCount;
}

function triesNow(state: EngineState, site: SiteState): SqueezeTries {
  const { nowMs } = state;
  const tries = (site.squeezeTries ??= {
    doneCounts: new Map(),
    inVain: new Map(),
    atMs: nowMs,
    countLeft: inVainMax,
  });
  if (tries.atMs !== nowMs) {
    tries.atMs = nowMs;
    tries.countLeft = inVainMax;
    tries.doneCounts.clear();
    for (const [job, last] of tries.inVain) {
      if (isOver(last, state)) {
        tries.inVain.delete(job);
      }
    }
  }
  return tries;
}
