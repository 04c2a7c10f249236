import type { CapPoint } from "../curves/curve.ts";
import { type Belief, believedDraw } from "./belief.ts";
import { hasDipped } from "./departure.ts";
import { beliefOf, type KnownJob, type Knowledge } from "./knowledge.ts";
import { isOpen } from "./open-level.ts";
import type { SteerJob, SteerSettings } from "./plan.ts";

/** A job with what is believed of it now. */
export interface Candidate {
  readonly job: SteerJob;
  /** How much of its curve it draws. */
  readonly belief: Belief;
  /** The same where it is still open how far caps hold it back: what lower ones save at best. */
  readonly hopedFor?: Belief;
  /** So much of its cap it draws, which is all of it: what it would take under a higher one nobody has seen. */
  readonly capPart?: number;
  /** Nobody measures it: it counts at its bound. */
  readonly isStale: boolean;
  /** Paused or dipped: its caps wait until it is back, unless nothing else can give. */
  readonly isResting: boolean;
  /** Asked to lower its cap and not acknowledged: it counts at the old cap and has no more to give. */
  readonly isOpen: boolean;
}

export function toCandidate(
  job: SteerJob,
  knowledge: Knowledge,
  atMs: number,
  settings: SteerSettings,
): Candidate {
  const known = knowledge.jobs.get(job.id);
  const sent = job.sentCapWatts ?? known?.askedCapWatts;
  const belief = beliefOf(knowledge, known);
  return {
    job,
    belief,
    ...drawsItsCap(job, known, belief),
    ...(mayHope(known) ? { hopedFor: hopedFor(belief) } : {}),
    isStale: isStale(job, known, atMs, settings),
    isResting: job.presence === "paused" || hasDipped(known),
    isOpen: sent !== undefined && job.capInForceWatts > sent,
  };
}

/** A job that draws no less than this of its cap might draw more. */
const allOfCapFrom = 0.99;
/** And who draws more than this is not held by it. */
const allOfCapTo = 1.01;

/**
 * What a job drew when it was last at its level, as a part of its cap, if that is all of it and its curve leaves some
 * of a higher one: what was learned of the curve there is only how much it draws at least.
 */
function drawsItsCap(
  { curve, gpuCount, domainWattsPerWatt }: SteerJob,
  known: KnownJob | undefined,
  { ratio }: Belief,
): Pick<Candidate, "capPart"> {
  const { levelWatts = 0, levelCapWatts = 0, free } = known ?? {};
  const part = levelWatts / (levelCapWatts * gpuCount * domainWattsPerWatt);
  const isAll = free === undefined && part >= allOfCapFrom && part <= allOfCapTo;
  const leavesSome = ({ capWatts, drawWatts }: CapPoint): boolean =>
    capWatts > levelCapWatts && ratio * drawWatts < allOfCapFrom * part * capWatts;
  return isAll && curve.points.some(leavesSome) ? { capPart: part } : {};
}

/** Is it open how far caps hold it back, and was it seen under none of those that might? What it draws there is no hope. */
function mayHope(known: KnownJob | undefined): boolean {
  const { free, own, capWatts = Infinity } = known ?? {};
  return free !== undefined && own !== undefined && isOpen(own) && capWatts >= free.capWatts;
}

/** It may always draw the same part of its curve. */
function hopedFor({ ratio, free }: Belief): Belief {
  return { ratio: free?.ratio ?? ratio };
}

/** A job that is meant to stand still is not measured and keeps what was learned of it. */
function isStale(
  job: SteerJob,
  known: KnownJob | undefined,
  atMs: number,
  settings: SteerSettings,
): boolean {
  const seenAtMs = known?.seenAtMs;
  if (seenAtMs === undefined) {
    return true;
  }
  return job.presence === "running" && atMs - seenAtMs > settings.staleAfterMs;
}

/** Expected draw of a job in the domain under a cap, watts: what was learned of its curve. */
export function expectedWatts(job: SteerJob, capWatts: number, belief: Belief): number {
  return believedDraw(job.curve, capWatts, belief) * job.gpuCount * job.domainWattsPerWatt;
}

/** What it can draw at most: its cap, or its corrected draw if that is more. */
export function boundWatts(job: SteerJob, capWatts: number, belief: Belief): number {
  const atCap = capWatts * job.gpuCount * job.domainWattsPerWatt;
  return Math.max(atCap, expectedWatts(job, capWatts, belief));
}

/** What a candidate counts in the domain under a cap, watts. */
function countsWatts(one: Candidate, capWatts: number): number {
  const { job, belief, capPart = 0 } = one;
  if (one.isStale) {
    return boundWatts(job, capWatts, belief);
  }
  const atCap = capPart * capWatts * job.gpuCount * job.domainWattsPerWatt;
  return Math.max(atCap, expectedWatts(job, capWatts, belief));
}

export function sumWatts(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, one) => sum + countsWatts(one, one.job.capInForceWatts), 0);
}

/** The floor cap, never above what the breakers leave. */
export function floorOf(job: SteerJob): number {
  return Math.min(job.floorCapWatts, job.ceilingCapWatts);
}
