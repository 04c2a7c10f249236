import { concaveHull } from "../curves/hull.ts";
import { countedWatts, type CapCurve, type CountedWatts } from "../curves/curve.ts";
import { drawAt, endsOf } from "../curves/read-curve.ts";
import { lowestCapOf, restrict } from "../curves/restrict.ts";
import type { FillJob } from "./fill-problem.ts";

/** The way of one job between its lowest and its highest cap, in counted watts of one of its GPUs. */
export interface Lane {
  readonly job: FillJob;
  readonly lowCapWatts: number;
  readonly highCapWatts: number;
  readonly stretch: Stretch;
  /** Largest growth of any domain's load: in a tree that of the topmost, where all jobs meet. */
  readonly growthMax: number;
}

/** The part of a curve that jobs of the same kind share, and its hull as plain numbers. */
export interface Stretch {
  readonly curve: CapCurve;
  readonly counts: CountedWatts;
  readonly lowWatts: number;
  readonly highWatts: number;
  /** Corners of the hull, watts rising. */
  readonly hullWatts: readonly number[];
  readonly hullSpeeds: readonly number[];
}

/** Makes lanes; jobs with the same curve and bounds share a stretch. */
export interface LaneMaker {
  readonly counts: CountedWatts;
  readonly stretches: Map<CapCurve, Map<number, Map<number, Stretch>>>;
}

export function createLaneMaker(counts: CountedWatts): LaneMaker {
  return { counts, stretches: new Map() };
}

/** Caps outside the curve count as its nearest end, those below the lowest safe one as that. */
export function laneOf(maker: LaneMaker, job: FillJob, lowCap: number, highCap: number): Lane {
  const { first, last } = endsOf(job.curve);
  const highCapWatts = Math.min(Math.max(highCap, first.capWatts), last.capWatts);
  const lowest = Math.max(lowestCapOf(job.curve, lowCap), first.capWatts);
  const lowCapWatts = Math.min(lowest, highCapWatts);
  let growthMax = 0;
  const { scaledPerGpuWatt } = job;
  for (let slot = 0; slot < scaledPerGpuWatt.length; slot++) {
    growthMax = Math.max(growthMax, scaledPerGpuWatt[slot] ?? 0);
  }
  const stretch = stretchOf(maker, job.curve, lowCapWatts, highCapWatts);
  return { job, lowCapWatts, highCapWatts, stretch, growthMax };
}

function stretchOf(maker: LaneMaker, whole: CapCurve, lowCap: number, highCap: number): Stretch {
  const ofCurve = maker.stretches.get(whole) ?? new Map<number, Map<number, Stretch>>();
  const ofLow = ofCurve.get(lowCap) ?? new Map<number, Stretch>();
  const known = ofLow.get(highCap);
  if (known !== undefined) {
    return known;
  }
  const { counts } = maker;
  const curve = restrict(whole, { lowestCapWatts: lowCap, highestCapWatts: highCap });
  const { first, last } = endsOf(curve);
  const hull = concaveHull(curve, counts).points;
  const stretch = {
    curve,
    counts,
    lowWatts: countedWatts(first, counts),
    highWatts: countedWatts(last, counts),
    hullWatts: hull.map((point) => countedWatts(point, counts)),
    hullSpeeds: hull.map(({ speed }) => speed),
  };
  ofLow.set(highCap, stretch);
  ofCurve.set(lowCap, ofLow);
  maker.stretches.set(whole, ofCurve);
  return stretch;
}

/** Watts a GPU counts under a cap. */
export function wattsAt(lane: Lane, capWatts: number): number {
  return lane.stretch.counts === "cap" ? capWatts : drawAt(lane.stretch.curve, capWatts);
}

/** The edge of the hull that ends above these watts (for going up) or that starts below (for going down). */
export interface Edge {
  readonly toWatts: number;
  /** Speed per watt. */
  readonly slope: number;
}

export function edgeDown({ hullWatts, hullSpeeds }: Stretch, watts: number): Edge | undefined {
  for (let at = hullWatts.length - 2; at >= 0; at--) {
    const low = hullWatts[at] ?? 0;
    if (low < watts) {
      return { toWatts: low, slope: slopeOf(hullWatts, hullSpeeds, at) };
    }
  }
  return undefined;
}

export function edgeUp({ hullWatts, hullSpeeds }: Stretch, watts: number): Edge | undefined {
  for (let at = 0; at + 1 < hullWatts.length; at++) {
    const high = hullWatts[at + 1] ?? 0;
    if (high > watts) {
      return { toWatts: high, slope: slopeOf(hullWatts, hullSpeeds, at) };
    }
  }
  return undefined;
}

function slopeOf(watts: readonly number[], speeds: readonly number[], at: number): number {
  const run = (watts[at + 1] ?? 0) - (watts[at] ?? 0);
  return ((speeds[at + 1] ?? 0) - (speeds[at] ?? 0)) / run;
}

/** Speed the hull promises at so many watts. */
export function hullSpeedAt({ hullWatts, hullSpeeds }: Stretch, watts: number): number {
  for (let at = 1; at < hullWatts.length; at++) {
    const high = hullWatts[at] ?? 0;
    if (high >= watts) {
      const low = hullWatts[at - 1] ?? 0;
      const part = Math.max(0, (watts - low) / (high - low));
      const slow = hullSpeeds[at - 1] ?? 0;
      return slow + part * ((hullSpeeds[at] ?? 0) - slow);
    }
  }
  return hullSpeeds.at(-1) ?? 0;
}
