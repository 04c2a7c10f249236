import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";
import type { JobNumber } from "../words/job-spec.ts";

/** So many squeezes of a site are tried in vain at one moment: each looks at hundreds of attempts. */
const inVainMax = 3;
/**
 * Caps are lowered for a job so often at one moment: others may have started with the watts of the first
 * squeeze. Without a bound a job that does not start after all and the raise that follows go in a circle.
 */
const perMomentMax = 3;
/** A job for which one gained nothing is not tried again for so long: others are, meanwhile. */
const againAfterMs = 10_000;
/** When tries were left to later, a pass goes on with them after this time at the latest. */
const goesOnAfterMs = 1_000;

interface Tries {
  /** How often caps were lowered for a job at this moment. */
  readonly doneCounts: Map<JobNumber, number>;
  /** When a squeeze for a job was last tried in vain. */
  readonly inVainAtMs: Map<JobNumber, number>;
  atMs: number;
  countLeft: number;
}

/** A brake beside the state, forgotten with the answers of passes at a restart. */
const kept = new WeakMap<SiteState, Tries>();

export function forgetSqueezeTries(site: SiteState): void {
  kept.delete(site);
}

/** May a squeeze for a job be tried now? Where others have used up this moment, a later pass tries it. */
export function mayTrySqueeze(state: EngineState, site: SiteState, job: JobNumber): boolean {
  const tries = kept.get(site);
  if (tries === undefined) {
    return true;
  }
  if (tries.atMs === state.nowMs && (tries.doneCounts.get(job) ?? 0) >= perMomentMax) {
    state.preemptsAgainAtMs = Math.min(state.preemptsAgainAtMs, state.nowMs + goesOnAfterMs);
    return false;
  }
  const lastAtMs = tries.inVainAtMs.get(job);
  if (lastAtMs !== undefined && state.nowMs < lastAtMs + againAfterMs) {
    return false;
  }
  if (tries.atMs === state.nowMs && tries.countLeft === 0) {
    state.preemptsAgainAtMs = Math.min(state.preemptsAgainAtMs, state.nowMs + goesOnAfterMs);
    return false;
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
  tries.inVainAtMs.delete(job);
  tries.inVainAtMs.set(job, nowMs);
}

function triesNow({ nowMs }: EngineState, site: SiteState): Tries {
  const tries = kept.get(site) ?? {
    doneCounts: new Map(),
    inVainAtMs: new Map(),
    atMs: nowMs,
    countLeft: inVainMax,
  };
  kept.set(site, tries);
  if (tries.atMs !== nowMs) {
    tries.atMs = nowMs;
    tries.countLeft = inVainMax;
    tries.doneCounts.clear();
    for (const [one, atMs] of tries.inVainAtMs) {
      if (nowMs < atMs + againAfterMs) {
        break;
      }
      tries.inVainAtMs.delete(one);
    }
  }
  return tries;
}
