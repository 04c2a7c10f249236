import { isFree } from "./belief.ts";
import { expectedWatts } from "./candidate.ts";
import { depart, type Departure, isFresh, isNewLevel } from "./departure.ts";
import { follow, learnNoise, noiseShareOf, type Level } from "./estimate.ts";
import { beliefOf, type KnownJob, type Knowledge } from "./knowledge.ts";
import { heldAtLast, levelsAfter, levelsAtFirst, type Levels } from "./new-levels.ts";
import type { Measurement, SteerJob, SteerSettings } from "./plan.ts";

function startJob(job: SteerJob, { common }: Knowledge, settings: SteerSettings): KnownJob {
  return {
    ...levelsAtFirst(job, common.ratio, settings),
    seenAtMs: undefined,
    askedCapWatts: undefined,
  };
}

/** A cap that moves the draw of a job by more than this part of it stirs it. */
const stirShare = 0.02;
/** What a job takes by itself wanders more than what a cap lets it have. */
const freeWanderShare = 0.002;

/** One job in the period just over. */
interface Seen {
  readonly job: SteerJob;
  readonly known: KnownJob;
  readonly measuredWatts: number;
  readonly expectedWatts: number;
  /** What is expected under the cap that was in force before, where it has changed. */
  readonly beforeWatts: number;
  /** Is it expected to leave a part of what its cap allows? */
  readonly isFree: boolean;
}

/**
 * Compares what each job drew with what it was expected to, and learns: the common ratio from all jobs
 * that ran undisturbed together (drift, temperature, a meter that is off), each job's own from what is
 * left. A job far beside its expectation teaches nothing until that has lasted: then it is its level. And
 * how far one job lies off its curve when it is first seen says nothing of the noise of all. What is measured
 * are means: far beside what is expected may be one that its cap before explains, if that was in force for a part of it;
 * and of who did not run in all of it they tell nothing.
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
    const opened = seen && heldAtLast(seen, knowledge, settings);
    if (seen === undefined) {
      next.set(job.id, known);
    } else if (isFresh(job, measurement)) {
      next.set(job.id, beginning(job, known));
    } else if (isMixed(seen, noiseShareOf(knowledge.noise))) {
      next.set(job.id, mixed(seen, measurement.atMs));
    } else if (opened !== undefined) {
      next.set(job.id, atLevel(seen, opened, measurement.atMs));
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

/** Who was never measured under one cap all the time is not known by this either. */
function mixed({ job, known }: Seen, atMs: number): KnownJob {
  const isKnown = known.levelWatts !== undefined;
  return {
    ...known,
    capWatts: job.capInForceWatts,
    seenAtMs: isKnown ? atMs : known.seenAtMs,
  };
}

/** It begins, or begins again after a pause: what it drew beside its level before is over. */
function beginning(job: SteerJob, { departure: _over, ...known }: KnownJob): KnownJob {
  return { ...known, capWatts: job.capInForceWatts };
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
  const belief = beliefOf(knowledge, known);
  const { capWatts = job.capInForceWatts } = known;
  return {
    job,
    known,
    measuredWatts,
    expectedWatts: expectedWatts(job, job.capInForceWatts, belief),
    beforeWatts: expectedWatts(job, capWatts, belief),
    isFree: isFree(job.curve, job.capInForceWatts, belief),
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
  const unknown = knowledge.common.varianceShare + levelOf(seen).varianceShare + noise * noise;
  const share = Math.max(settings.dipShare, 6 * Math.sqrt(unknown));
  const surprise = seen.measuredWatts - seen.expectedWatts;
  return Math.abs(surprise) <= share * seen.expectedWatts
    ? undefined
    : surprise < 0
      ? "low"
      : "high";
}

/** What is measured lies this many deviations of noise beside what is expected, and seldom more. */
const noiseDeviations = 3;

/**
 * Does a cap that came into force within the period explain what was measured, as a mean of both? Or, within noise, one
 * that is not in force yet, though it was raised: its order is late or was lost. It says nothing of levels then, nor of
 * noise.
 */
function isMixed(seen: Seen, noiseShare: number): boolean {
  const { measuredWatts, expectedWatts: after, beforeWatts: before } = seen;
  const slack = isStirred(seen) ? noiseDeviations * noiseShare * before : 0;
  const low = Math.min(after, before - slack);
  const high = Math.max(after, before + slack);
  return before !== after && low <= measuredWatts && measuredWatts <= high;
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
    const atIt = now.ratio * expectedWatts(job, job.capInForceWatts, { ratio: 1 });
    const risen = { ...seen, measuredWatts: atIt };
    return atLevel(risen, levelsAfter(risen, now, told.knowledge, told.settings), atMs);
  }
  return { ...known, capWatts: job.capInForceWatts, seenAtMs: atMs, departure: now };
}

function firstSeen(seen: Seen, { knowledge, measurement, settings }: Told): KnownJob {
  const now = { way: wayFrom(seen), ratio: ratioOf(seen) };
  return atLevel(seen, levelsAfter(seen, now, knowledge, settings), measurement.atMs);
}

function wayFrom({ measuredWatts, expectedWatts: expected }: Seen): Departure["way"] {
  return measuredWatts < expected ? "low" : "high";
}

/** Measured ÷ curve. */
function ratioOf({ job, measuredWatts }: Seen): number {
  return measuredWatts / expectedWatts(job, job.capInForceWatts, { ratio: 1 });
}

function atLevel({ job, known, measuredWatts }: Seen, levels: Levels, atMs: number): KnownJob {
  const { askedCapWatts } = known;
  const capWatts = job.capInForceWatts;
  return {
    askedCapWatts,
    ...levels,
    seenAtMs: atMs,
    levelWatts: measuredWatts,
    levelCapWatts: capWatts,
    capWatts,
  };
}

function learnFrom(
  healthy: readonly Seen[],
  knowledge: Knowledge & { readonly jobs: Map<number, KnownJob> },
  measurement: Measurement,
  settings: SteerSettings,
): Knowledge {
  const restWatts = followRest(knowledge.restWatts, measurement);
  const steady = healthy.filter((seen) => !isStirred(seen));
  const measured = steady.reduce((sum, seen) => sum + seen.measuredWatts, 0);
  const expected = steady.reduce((sum, seen) => sum + seen.expectedWatts, 0);
  const surprise = expected > 0 ? measured / expected - 1 : 0;
  const noiseShare = noiseShareOf(knowledge.noise);
  // A surprise holds what was not known of each ratio, too; only the noise's part of it is learned as noise.
  const ownVariance = variancesOf(steady, expected);
  const noisePart =
    noiseShare / Math.sqrt(noiseShare ** 2 + knowledge.common.varianceShare + ownVariance);
  const common =
    expected > 0
      ? follow(knowledge.common, surprise, {
          noiseShare: Math.sqrt(noiseShare ** 2 + ownVariance),
          wanderShare: settings.commonWanderShare,
        })
      : knowledge.common;
  const sharedBy = common.ratio / knowledge.common.ratio;
  for (const seen of healthy) {
    const ownSurprise = seen.measuredWatts / seen.expectedWatts / sharedBy - 1;
    const levels = followOne(seen, ownSurprise, { noiseShare, settings });
    knowledge.jobs.set(seen.job.id, atLevel(seen, levels, measurement.atMs));
  }
  const noise = expected > 0 ? learnNoise(knowledge.noise, surprise * noisePart) : knowledge.noise;
  return { common, noise, jobs: knowledge.jobs, restWatts };
}

/** Of the surprise of all together: what is not known of the level of each. */
function variancesOf(steady: readonly Seen[], expected: number): number {
  return steady.reduce((sum, seen) => {
    const part = seen.expectedWatts / expected;
    return sum + part * part * levelOf(seen).varianceShare;
  }, 0);
}

function levelOf({ known: { own, free }, isFree: isItFree }: Seen): Level {
  return isItFree && free !== undefined ? free.level : own;
}

/** How a job answers a cap that has moved is its own: it tells nothing of what all have in common, nor of noise. */
function isStirred({ expectedWatts: expected, beforeWatts }: Seen): boolean {
  return Math.abs(expected - beforeWatts) > stirShare * expected;
}

/** Only the level that decides what it draws now is learned. */
function followOne(
  { known, isFree: isItFree }: Seen,
  surprise: number,
  { noiseShare, settings }: { readonly noiseShare: number; readonly settings: SteerSettings },
): Levels {
  const { own, free } = known;
  if (!isItFree || free === undefined) {
    const next = follow(own, surprise, { noiseShare, wanderShare: settings.ownWanderShare });
    return free === undefined ? { own: next } : { own: next, free };
  }
  const level = follow(free.level, surprise, { noiseShare, wanderShare: freeWanderShare });
  return level.ratio < own.ratio ? { own, free: { ...free, level } } : { own };
}

/**
 * The rest is believed at once when it rises and slowly when it falls: what dips there comes back, too. Who is gone
 * does not, and what it drew in a part of the time that was measured is no rise.
 */
function followRest(before: number, measurement: Measurement): number {
  const { goneWatts = 0, restGoneWatts = 0 } = measurement;
  const restWatts = Math.max(0, before - restGoneWatts);
  const measured = (measurement.restWatts ?? measurement.restBoundWatts) - goneWatts;
  if (measurement.restWatts === undefined) {
    return Math.max(restWatts, measured);
  }
  const slow = Math.max(0, restWatts + (measured - restWatts) / 30);
  // What was switched off does not come back like a dip does.
  return Math.max(measured, Math.min(slow, measurement.restMostWatts ?? Infinity));
}
