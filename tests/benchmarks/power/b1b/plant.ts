import { drawAt, speedAt } from "@ertis/power-planning";
import { forkStream, type RandomStream } from "@ertis/simulator";

import type { MixJob } from "./phoenix-mix.ts";

/** What no controller sees: how the machines of one seed depart from their curves. */
export interface Plant {
  readonly jobs: readonly MixJob[];
  /** 1 + common bias + own bias, by job. */
  readonly biases: readonly number[];
  /** Growth of the bias in a minute. */
  readonly driftPerMinute: number;
  /** Factor of the draw of all jobs, by second. */
  readonly noise: Float64Array;
  /** By job: seconds in which it stands still, as pairs from–until. */
  readonly dips: readonly (readonly Dip[])[];
}

export interface Dip {
  readonly fromSecond: number;
  readonly untilSecond: number;
}

/**
 * How the noise of a minute, σ 0.35 % of the total, lies inside it: new every ten seconds (σ 0.35 % × √6
 * each, so the minute's mean has 0.35 %), or one value for the whole minute.
 */
export type NoiseShape = "ten-seconds" | "minute";

export const rampSecondCount = 300;
export const eventSecondCount: number = rampSecondCount + 180 * 60;
export const periodSecondCount = 10;

/** Draw of a GPU whose job stands still, watts: an idle A100 (reference: Acme fleet). */
const standingWatts = 60;

export function createPlant(jobs: readonly MixJob[], seed: number, shape: NoiseShape): Plant {
  const common = forkStream(seed, "common").normal(0, 0.014);
  const own = forkStream(seed, "own");
  return {
    jobs,
    biases: jobs.map(() => 1 + common + own.normal(0, 0.015)),
    driftPerMinute: forkStream(seed, "drift").normal(-0.0001, 0.0004),
    noise: noiseOf(forkStream(seed, "noise"), shape),
    dips: dipsOf(jobs, forkStream(seed, "dips")),
  };
}

function noiseOf(stream: RandomStream, shape: NoiseShape): Float64Array {
  const noise = new Float64Array(eventSecondCount);
  const length = shape === "minute" ? 60 : periodSecondCount;
  const deviation = 0.0035 * Math.sqrt(60 / length);
  for (let from = 0; from < eventSecondCount; from += length) {
    noise.fill(1 + stream.normal(0, deviation), from, from + length);
  }
  return noise;
}

/** Each training job stops for 2 minutes every hour, at a minute of its own; one job is out for 7 minutes once. */
function dipsOf(jobs: readonly MixJob[], stream: RandomStream): readonly (readonly Dip[])[] {
  const victim = stream.below(jobs.length);
  const outage = stream.below(eventSecondCount - rampSecondCount - 420) + rampSecondCount;
  return jobs.map((job) => {
    const offset = stream.below(3_600);
    const checkpoints = job.hasCheckpoints ? [offset, offset + 3_600, offset + 7_200] : [];
    const dips = checkpoints.map((second) => ({ fromSecond: second, untilSecond: second + 120 }));
    return job.id === victim ? [...dips, { fromSecond: outage, untilSecond: outage + 420 }] : dips;
  });
}

export function standsStill(plant: Plant, job: number, second: number): boolean {
  return (plant.dips[job] ?? []).some(
    ({ fromSecond, untilSecond }) => second >= fromSecond && second < untilSecond,
  );
}

/** True ratio of draw to curve, noise apart. */
export function ratioAt(plant: Plant, job: number, second: number): number {
  return (plant.biases[job] ?? 1) + (plant.driftPerMinute * second) / 60;
}

export function drawOf(plant: Plant, job: MixJob, capWatts: number, second: number): number {
  if (standsStill(plant, job.id, second)) {
    return standingWatts * job.gpuCount;
  }
  const ratio = ratioAt(plant, job.id, second) * (plant.noise[second] ?? 1);
  return drawAt(job.curve, capWatts) * job.gpuCount * ratio;
}

export function worthOf(plant: Plant, job: MixJob, capWatts: number, second: number): number {
  return standsStill(plant, job.id, second) ? 0 : job.weight * speedAt(job.curve, capWatts);
}
