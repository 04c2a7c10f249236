import {
  defaultSteerSettings,
  drawAt,
  fillCaps,
  startSteering,
  steer,
  type CapCurve,
  type SteerJob,
  type SteerTarget,
} from "@ertis/power-planning";

import type { MixJob } from "./phoenix-mix.ts";
import { eventSecondCount, periodSecondCount, rampSecondCount } from "./plant.ts";

export const targetWatts = 70_140;

/** Mean of the trial's first 60 minutes: where the ramp starts. */
const baselineWatts = 93_500;

/** All that a controller is told: what each job drew in the ten seconds just over. Answers with caps, by job. */
export type Controller = (atSecond: number, meanWatts: readonly number[]) => readonly number[];

export const fullCapWatts = 400;

const target: SteerTarget = {
  startMs: 0,
  endMs: eventSecondCount * 1_000,
  rampMs: rampSecondCount * 1_000,
  fromWatts: baselineWatts,
  targetWatts,
};

/** The steering of the product. */
export function steered(jobs: readonly MixJob[]): Controller {
  let state = startSteering(defaultSteerSettings);
  const caps = jobs.map(() => fullCapWatts);
  return (atSecond, meanWatts) => {
    const step = steer(state, {
      target,
      settings: defaultSteerSettings,
      jobs: jobs.map((job) => toSteerJob(job, caps[job.id] ?? fullCapWatts)),
      measurement: {
        fromMs: (atSecond - periodSecondCount) * 1_000,
        atMs: atSecond * 1_000,
        jobWatts: new Map(meanWatts.entries()),
        restWatts: 0,
        restBoundWatts: 0,
      },
    });
    state = step.state;
    for (const { id, capWatts } of step.caps) {
      caps[id] = capWatts;
    }
    return caps;
  };
}

function toSteerJob(job: MixJob, capInForceWatts: number): SteerJob {
  return {
    id: job.id,
    gpuCount: job.gpuCount,
    weight: job.weight,
    curve: job.curve,
    floorCapWatts: job.floorCapWatts,
    ceilingCapWatts: fullCapWatts,
    capInForceWatts,
    presence: "running",
    domainWattsPerWatt: 1,
  };
}

/** One cap for all jobs, floors kept, that meets the goal on the curves; nothing is measured. */
export function uniformCap(jobs: readonly MixJob[]): Controller {
  return (atSecond) => uniformWithin(jobs, goalWatts(atSecond), 1);
}

/** One cap for all jobs, floors kept; the curves are corrected by the total measured, as below. */
export function uniformFedBack(jobs: readonly MixJob[], marginShare: number): Controller {
  const correct = followTotal(jobs);
  return (atSecond, meanWatts) => {
    const room = goalWatts(atSecond) * (1 - marginShare);
    return correct(meanWatts, (ratio) => uniformWithin(jobs, room, ratio));
  };
}

/**
 * What a plain feedback does: the curves are corrected by the total measured, and the whole goal is
 * handed out anew every ten seconds. What a job leaves while it stands still goes to the others, and is
 * missing when it is back.
 */
export function fedBackWithoutReserve(jobs: readonly MixJob[], marginShare: number): Controller {
  const correct = followTotal(jobs);
  return (atSecond, meanWatts) => {
    const room = goalWatts(atSecond) * (1 - marginShare);
    return correct(meanWatts, (ratio) => filled(jobs, room, ratio));
  };
}

/** Smoothing of the plain feedbacks, chosen in their favour: slower ones answer a return later. */
const gain = 0.5;

function followTotal(
  jobs: readonly MixJob[],
): (
  meanWatts: readonly number[],
  choose: (ratio: number) => readonly number[],
) => readonly number[] {
  let ratio = 1;
  let caps: readonly number[] = jobs.map(() => fullCapWatts);
  return (meanWatts, choose) => {
    const measured = meanWatts.reduce((sum, watts) => sum + watts, 0);
    ratio += gain * (measured / totalAt(jobs, caps) - ratio);
    caps = choose(ratio);
    return caps;
  };
}

function goalWatts(atSecond: number): number {
  const share = Math.min(1, (atSecond + periodSecondCount / 2) / rampSecondCount);
  return baselineWatts + share * (targetWatts - baselineWatts);
}

function totalAt(jobs: readonly MixJob[], caps: readonly number[]): number {
  return jobs.reduce((sum, job) => {
    return sum + job.gpuCount * drawAt(job.curve, caps[job.id] ?? fullCapWatts);
  }, 0);
}

/** The highest whole-watt cap that fits, by halving. */
function uniformWithin(jobs: readonly MixJob[], roomWatts: number, ratio: number): number[] {
  const capsAt = (cap: number): number[] => jobs.map((job) => Math.max(cap, job.floorCapWatts));
  let low = Math.min(...jobs.map((job) => job.floorCapWatts));
  let high = fullCapWatts;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (totalAt(jobs, capsAt(middle)) * ratio <= roomWatts) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return capsAt(low);
}

function filled(jobs: readonly MixJob[], roomWatts: number, ratio: number): readonly number[] {
  const answer = fillCaps({
    jobs: jobs.map((job) => ({
      gpuCount: job.gpuCount,
      weight: job.weight,
      curve: scaled(job.curve, ratio),
      floorCapWatts: job.floorCapWatts,
      domains: Int32Array.of(0),
      scaledPerGpuWatt: Float64Array.of(job.gpuCount),
    })),
    roomScaled: Float64Array.of(roomWatts),
    counts: "draw",
    capStepWatts: 1,
  });
  return answer.kind === "filled" ? [...answer.capWatts] : jobs.map((job) => job.floorCapWatts);
}

function scaled(curve: CapCurve, ratio: number): CapCurve {
  return {
    points: curve.points.map((point) => ({ ...point, drawWatts: point.drawWatts * ratio })),
  };
}
