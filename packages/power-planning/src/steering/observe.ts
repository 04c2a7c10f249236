import { expectedWatts } from "./candidate.ts";
import { depart, type Departure, firstLevel, isNewLevel, newLevel } from "./departure.ts";
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
  /** What it drew when it was last at its level, watts; absent: it never was. */
  readonly levelWatts?: number;
  /** In force when it was measured last; absent: it never was. */
  readonly capWatts?: number;
  /** It draws too little or too much; absent: what is expected. Too little is a dip until it has lasted. */
  readonly departure?: Departure;
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

function startJob(job: SteerJob, { common }: Knowledge, settings: SteerSettings): KnownJob {
  const own = firstLevel(job, common.ratio, settings);
  return { own, seenAtMs: undefined, askedCapWatts: undefined };
}

/** One job in the period just over. */
interface Seen {
  readonly job: SteerJob;
  readonly known: KnownJob;
  readonly measuredWatts: number;
  readonly expectedWatts: number;
  /** What is expected under the cap that was in force before, where it has changed. */
  readonly beforeWatts: number;
}

/**
 * Compares what each job drew with what it was expected to, and learns: the common ratio from all jobs
 * that ran undisturbed together (drift, temperature, a meter that is off), each job's own from what is
 * left. A job far beside its expectation teaches nothing until that has lasted: then it is its level. And
 * how far one job lies off its curve when it is first seen says nothing of the noise of all. What is measured
 * are means: far beside what is expected may be one that its cap before explains, if that was in force for a part of it.
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
    const known = knowledge.jobs.get(job.id) ?? startJob(job, knowledge, settings);
    const seen = see(job, known, measurement, knowledge);
    const way = seen && wayOf(seen, knowledge, settings);
    if (seen === undefined) {
      next.set(job.id, known);
    } else if (isMixed(seen)) {
      next.set(job.id, { ...known, capWatts: job.capInForceWatts, seenAtMs: measurement.atMs });
    } else if (way !== undefined) {
      next.set(job.id, departed(seen, way, { knowledge, measurement, settings }));
    } else if (known.levelWatts === undefined && isFarOff(seen, settings)) {
      next.set(job.id, firstSeen(seen, { knowledge, measurement, settings }));
    } else {
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
  const expectedAt = (capWatts: number): number => expectedWatts(job, capWatts, ratio);
  const { capWatts = job.capInForceWatts } = known;
  return {
    job,
    known,
    measuredWatts,
    expectedWatts: expectedAt(job.capInForceWatts),
    beforeWatts: expectedAt(capWatts),
  };
}

function isFarOff(
  { measuredWatts, expectedWatts: expected }: Seen,
  { dipShare }: SteerSettings,
): boolean {
  return Math.abs(measuredWatts - expected) > dipShare * expected;
}

/** Six deviations of what is not known yet, or the share of the settings: no noise looks like a dip. */
function wayOf(
  seen: Seen,
  knowledge: Knowledge,
  settings: SteerSettings,
): Departure["way"] | undefined {
  const noise = noiseShareOf(knowledge.noise);
  const unknown = knowledge.common.varianceShare + seen.known.own.varianceShare + noise * noise;
  const share = Math.max(settings.dipShare, 6 * Math.sqrt(unknown));
  const surprise = seen.measuredWatts - seen.expectedWatts;
  return Math.abs(surprise) <= share * seen.expectedWatts
    ? undefined
    : surprise < 0
      ? "low"
      : "high";
}

/**
 * Does a cap that came into force within the period explain what was measured, as a mean of both? It says nothing of
 * levels then, nor of noise.
 */
function isMixed({ measuredWatts, expectedWatts: after, beforeWatts }: Seen): boolean {
  const [low, high] = [Math.min(after, beforeWatts), Math.max(after, beforeWatts)];
  return low < high && low <= measuredWatts && measuredWatts <= high;
}

interface Told {
  readonly knowledge: Knowledge;
  readonly measurement: Measurement;
  readonly settings: SteerSettings;
}

function departed(seen: Seen, way: Departure["way"], told: Told): KnownJob {
  const { fromMs, atMs } = told.measurement;
  const { job, known, measuredWatts } = seen;
  const now = depart(known.departure, { way, fromMs, ratio: ratioOf(seen) });
  const isCapOld = job.capInForceWatts === known.capWatts;
  const { levelWatts } = known;
  if (isNewLevel({ now, measuredWatts, levelWatts, isCapOld }, atMs)) {
    // At its level it draws the highest that was seen meanwhile, also where it is in a dip just now.
    const atIt = now.ratio * expectedWatts(job, job.capInForceWatts, 1);
    const own = newLevel(now.ratio, told.knowledge.common.ratio, told.settings);
    return atLevel({ ...seen, measuredWatts: atIt }, own, atMs);
  }
  return { ...known, capWatts: job.capInForceWatts, seenAtMs: atMs, departure: now };
}

function firstSeen(seen: Seen, { knowledge, measurement, settings }: Told): KnownJob {
  const own = newLevel(ratioOf(seen), knowledge.common.ratio, settings);
  return atLevel(seen, own, measurement.atMs);
}

/** Measured ÷ curve. */
function ratioOf({ job, measuredWatts }: Seen): number {
  return measuredWatts / expectedWatts(job, job.capInForceWatts, 1);
}

function atLevel({ job, known, measuredWatts }: Seen, own: Level, atMs: number): KnownJob {
  const { askedCapWatts } = known;
  const capWatts = job.capInForceWatts;
  return { askedCapWatts, own, seenAtMs: atMs, levelWatts: measuredWatts, capWatts };
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
    const own = follow(seen.known.own, ownSurprise, {
      noiseShare,
      wanderShare: settings.ownWanderShare,
    });
    knowledge.jobs.set(seen.job.id, atLevel(seen, own, measurement.atMs));
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
