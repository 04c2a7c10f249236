import { restrict, restrictShared } from "../curves/restrict.ts";
import { speedAt } from "../curves/read-curve.ts";
import { fillCaps } from "../filling/fill-caps.ts";
import type { FillJob } from "../filling/fill-problem.ts";
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
    return { kind: "short", missingWatts: filled.missingScaled };
  }
  const caps = candidates.map(({ job }, at) => ({ job, capWatts: filled.capWatts[at] ?? 0 }));
  return { kind: "caps", caps };
}

function toFillJob(one: Candidate, move: Move): FillJob {
  const { job, ratio } = one;
  // A job that returns has no cap yet: it starts from its floor whichever way the others move.
  const isBound = job.presence !== "returning";
  const lowest = floorOf(job);
  const inForce = Math.min(job.capInForceWatts, job.ceilingCapWatts);
  const floor = move === "raise" && isBound ? Math.max(lowest, inForce) : lowest;
  const highest = move === "lower" && isBound ? inForce : job.ceilingCapWatts;
  const bounds = { lowestCapWatts: floor, highestCapWatts: Math.max(floor, highest) };
  // What was learned of a draw is a factor of it, so it may as well stand beside the curve, which thousands
  // of jobs then share.
  const curve = one.isStale
    ? restrict(boundCurve(job.curve, ratio), bounds)
    : restrictShared(job.curve, bounds);
  const factor = one.isStale ? 1 : ratio;
  return {
    gpuCount: job.gpuCount,
    weight: job.weight,
    curve,
    floorCapWatts: floor,
    domains: topOnly,
    scaledPerGpuWatt: Float64Array.of(job.gpuCount * job.domainWattsPerWatt * factor),
  };
}

/** Weighted speed under such caps, for comparing plans. */
export function worthOf(caps: readonly CapOf[]): number {
  return caps.reduce((sum, { job, capWatts }) => {
    return sum + job.weight * speedAt(job.curve, capWatts);
  }, 0);
}
