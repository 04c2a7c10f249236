import { expectedWatts } from "./candidate.ts";
import {
  follow,
  learnNoise,
  noiseShareOf,
  startLevel,
  startNoise,
  type Level,
  type Noise,
} from "./estimate.ts";
import type { Measurement, SteerJob, SteerSettings } from "./plan.ts";

/** What is known of a job beyond its curve. */
export interface KnownJob {
  /** Its draw ÷ its curve, apart from what all jobs have in common. */
  readonly own: Level;
  /** End of the last period it was measured in; undefined: never. */
  readonly seenAtMs: number | undefined;
  readonly isDipped: boolean;
  /** The cap asked for last; undefined: none. */
  readonly askedCapWatts: number | undefined;
}

export interface Knowledge {
  readonly common: Level;
  readonly noise: Noise;
  readonly jobs: ReadonlyMap<number, KnownJob>;
  /** Expected draw of the rest of the domain. */
  readonly restWatts: number;
}

export function startKnowledge(settings: SteerSettings): Knowledge {
  return {
    common: startLevel(settings.priorCommonShare),
    noise: startNoise(settings),
    jobs: new Map(),
    restWatts: 0,
  };
}

export function startJob(settings: SteerSettings): KnownJob {
  return {
    own: startLevel(settings.priorOwnShare),
    seenAtMs: undefined,
    isDipped: false,
    askedCapWatts: undefined,
  };
}

/** One job in the period just over. */
interface Seen {
  readonly job: SteerJob;
  readonly known: KnownJob;
  readonly measuredWatts: number;
  readonly expectedWatts: number;
}

/**
 * Compares what each job drew with what it was expected to, and learns: the common ratio from all jobs
 * that ran undisturbed together (drift, temperature, a meter that is off), each job's own from what is
 * left. A job far below its expectation teaches nothing but that it has dipped.
 */
export function learn(
  knowledge: Knowledge,
  jobs: readonly SteerJob[],
  measurement: Measurement,
  settings: SteerSettings,
): Knowledge {
  const next = new Map<number, KnownJob>();
  const healthy: Seen[] = [];
  for (const job of jobs) {
    const known = knowledge.jobs.get(job.id) ?? startJob(settings);
    const seen = see(job, known, measurement, knowledge);
    if (seen === undefined) {
      next.set(job.id, known);
    } else if (hasDipped(seen, knowledge, settings)) {
      next.set(job.id, { ...known, isDipped: true, seenAtMs: measurement.atMs });
    } else {
      next.set(job.id, { ...known, isDipped: false });
      healthy.push(seen);
    }
  }
  return learnFrom(healthy, { ...knowledge, jobs: next }, measurement, settings);
}

function see(
  job: SteerJob,
  known: KnownJob,
  measurement: Measurement,
  knowledge: Knowledge,
): Seen | undefined {
  const measuredWatts = measurement.jobWatts.get(job.id);
  if (measuredWatts === undefined || job.presence !== "running") {
    return undefined;
  }
  const ratio = knowledge.common.ratio * known.own.ratio;
  return {
    job,
    known,
    measuredWatts,
    expectedWatts: expectedWatts(job, job.capInForceWatts, ratio),
  };
}

/** Six deviations of what is not known yet, or the share of the settings: no noise looks like a dip. */
function hasDipped(seen: Seen, knowledge: Knowledge, settings: SteerSettings): boolean {
  const noise = noiseShareOf(knowledge.noise);
  const unknown = knowledge.common.varianceShare + seen.known.own.varianceShare + noise * noise;
  const share = Math.max(settings.dipShare, 6 * Math.sqrt(unknown));
  return seen.measuredWatts < seen.expectedWatts * (1 - share);
}

function learnFrom(
  healthy: readonly Seen[],
  knowledge: Knowledge & { readonly jobs: Map<number, KnownJob> },
  measurement: Measurement,
  settings: SteerSettings,
): Knowledge {
  const restWatts = followRest(knowledge.restWatts, measurement);
  const measured = healthy.reduce((sum, seen) => sum + seen.measuredWatts, 0);
  const expected = healthy.reduce((sum, seen) => sum + seen.expectedWatts, 0);
  if (expected <= 0) {
    return { ...knowledge, restWatts };
  }
  const surprise = measured / expected - 1;
  const noiseShare = noiseShareOf(knowledge.noise);
  // A surprise holds what was not known of the ratio, too; only the noise's part of it is learned as noise.
  const noisePart =
    noiseShare / Math.sqrt(noiseShare * noiseShare + knowledge.common.varianceShare);
  for (const seen of healthy) {
    const ownSurprise = seen.measuredWatts / seen.expectedWatts - 1 - surprise;
    knowledge.jobs.set(seen.job.id, {
      ...seen.known,
      isDipped: false,
      seenAtMs: measurement.atMs,
      own: follow(seen.known.own, ownSurprise, {
        noiseShare,
        wanderShare: settings.ownWanderShare,
      }),
    });
  }
  return {
    common: follow(knowledge.common, surprise, {
      noiseShare,
      wanderShare: settings.commonWanderShare,
    }),
    noise: learnNoise(knowledge.noise, surprise * noisePart),
    jobs: knowledge.jobs,
    restWatts,
  };
}

/** The rest is believed at once when it rises and slowly when it falls: what dips there comes back, too. */
function followRest(restWatts: number, measurement: Measurement): number {
  const measured = measurement.restWatts;
  if (measured === undefined) {
    return Math.max(restWatts, measurement.restBoundWatts);
  }
  const slow = restWatts + (measured - restWatts) / 30;
  // What was switched off does not come back like a dip does.
  return Math.max(measured, Math.min(slow, measurement.restMostWatts ?? Infinity));
}
