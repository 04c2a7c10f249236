import type { CapCurve } from "../curves/curve.ts";
import { type CapBounds, restrict, restrictShared } from "../curves/restrict.ts";
import { speedAt } from "../curves/read-curve.ts";
import { fillCaps } from "../filling/fill-caps.ts";
import type { FillJob } from "../filling/fill-problem.ts";
import { freeCurve, isFree } from "./belief.ts";
import { floorOf, type Candidate } from "./candidate.ts";
import { boundCurve } from "./corrected.ts";

/** Which way caps may move. */
export type Move = "lower" | "raise" | "either";

export type Choice =
  | { readonly kind: "caps"; readonly caps: readonly CapOf[] }
  | { readonly kind: "short"; readonly missingWatts: number };

export interface CapOf {
  readonly job: Candidate["job"];
  readonly capWatts: number;
}

/** The one domain that is steered. */
const topOnly = Int32Array.of(0);

/** Caps that fill the room, each moving only the way that is allowed. */
export function chooseCaps(
  candidates: readonly Candidate[],
  roomWatts: number,
  move: Move,
): Choice {
  if (candidates.length === 0) {
    return roomWatts < 0 ? { kind: "short", missingWatts: -roomWatts } : { kind: "caps", caps: [] };
  }
  const filled = fillCaps({
    jobs: candidates.map((one) => toFillJob(one, move)),
    roomScaled: Float64Array.of(Math.max(0, roomWatts)),
    counts: "draw",
    capStepWatts: 1,
  });
  if (filled.kind === "floors-do-not-fit") {
    // Floors are filled into no less than nothing; what is above the room without them is missing, too.
    return { kind: "short", missingWatts: filled.missingScaled + Math.max(0, -roomWatts) };
  }
  const caps = candidates.map((one, at) => {
    return { job: one.job, capWatts: worthMoving(one, filled.capWatts[at] ?? 0) };
  });
  return { kind: "caps", caps };
}

function toFillJob(one: Candidate, move: Move): FillJob {
  const { job } = one;
  // A job that returns has no cap yet: it starts from its floor whichever way the others move.
  const isBound = job.presence !== "returning";
  const lowest = floorOf(job);
  const inForce = inForceOf(one);
  const floor = move === "raise" && isBound ? Math.max(lowest, inForce) : lowest;
  const highest = move === "lower" && isBound ? inForce : job.ceilingCapWatts;
  const bounds = { lowestCapWatts: floor, highestCapWatts: Math.max(floor, highest) };
  const { curve, factor } = curveOf(one, bounds);
  return {
    gpuCount: job.gpuCount,
    weight: job.weight,
    curve,
    floorCapWatts: floor,
    domains: topOnly,
    scaledPerGpuWatt: Float64Array.of(job.gpuCount * job.domainWattsPerWatt * factor),
  };
}

function inForceOf({ job }: Candidate): number {
  return Math.min(job.capInForceWatts, job.ceilingCapWatts);
}

/**
 * What was learned of a draw is mostly a factor of it, so it may as well stand beside the curve, which thousands
 * of jobs then share.
 */
function curveOf(
  one: Candidate,
  bounds: CapBounds,
): { readonly curve: CapCurve; readonly factor: number } {
  const { job, belief, isStale } = one;
  const capPart = isStale ? 1 : one.capPart;
  if (capPart !== undefined) {
    return { curve: restrict(boundCurve(job.curve, belief.ratio, capPart), bounds), factor: 1 };
  }
  return isFreeKnown(one)
    ? { curve: restrict(freeCurve(job.curve, inForceOf(one), belief).curve, bounds), factor: 1 }
    : { curve: restrictShared(job.curve, bounds), factor: belief.ratio };
}

/** Is it known what it takes by itself? What a raise gives it above that it will not draw. */
function isFreeKnown({ job, belief, isStale }: Candidate): boolean {
  const { free } = belief;
  return (
    !isStale &&
    job.presence === "running" &&
    free !== undefined &&
    isFree(job.curve, Math.max(job.capInForceWatts, free.capWatts), belief)
  );
}

/** A lower cap that takes nothing of what a job draws saves nothing. */
function worthMoving(one: Candidate, capWatts: number): number {
  const inForce = inForceOf(one);
  if (!isFreeKnown(one) || capWatts >= inForce) {
    return capWatts;
  }
  const { elbowCapWatts } = freeCurve(one.job.curve, inForce, one.belief);
  return capWatts > elbowCapWatts - 1 ? inForce : capWatts;
}

/** Weighted speed under such caps, for comparing plans. */
export function worthOf(caps: readonly CapOf[]): number {
  return caps.reduce((sum, { job, capWatts }) => {
    return sum + job.weight * speedAt(job.curve, capWatts);
  }, 0);
}
