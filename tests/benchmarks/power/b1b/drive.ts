import type { Controller } from "./controller.ts";
import { fullCapWatts, targetWatts } from "./controller.ts";
import {
  drawOf,
  eventSecondCount,
  periodSecondCount,
  rampSecondCount,
  standsStill,
  worthOf,
  type Plant,
} from "./plant.ts";

/** One seed under one controller. */
export interface Score {
  readonly overMinuteCount: number;
  /** Part of all stretches of 60 s, one every ten, that exceed the target: nobody asks for that. */
  readonly overSlidingShare: number;
  /** Highest minute's mean ÷ target. */
  readonly worstShare: number;
  /** Mean draw ÷ target over the minutes in which no job stood still. */
  readonly usedShare: number;
  /** Weighted throughput after the ramp, a part of full speed; standing still counts 0. */
  readonly throughput: number;
  /** Least distance of a job's mean speed while it ran from its floor. */
  readonly floorSlack: number;
  readonly capChangeCount: number;
}

export interface DriveOptions {
  /** Seconds from the controller's answer until its caps act. */
  readonly lateSeconds: number;
}

interface Tally {
  readonly minuteWatts: Float64Array;
  /** Mean of each period after the ramp. */
  readonly periodWatts: Float64Array;
  readonly isDipped: Uint8Array;
  worth: number;
  readonly speedSums: number[];
  readonly runSeconds: number[];
  capChangeCount: number;
}

/** Plays a seed second by second; the controller acts every ten. */
export function drive(
  plant: Plant,
  controller: Controller,
  { lateSeconds }: DriveOptions = { lateSeconds: 0 },
): Score {
  const minuteCount = (eventSecondCount - rampSecondCount) / 60;
  const tally: Tally = {
    minuteWatts: new Float64Array(minuteCount),
    periodWatts: new Float64Array((minuteCount * 60) / periodSecondCount),
    isDipped: new Uint8Array(minuteCount),
    worth: 0,
    speedSums: plant.jobs.map(() => 0),
    runSeconds: plant.jobs.map(() => 0),
    capChangeCount: 0,
  };
  let caps: readonly number[] = plant.jobs.map(() => fullCapWatts);
  let capsBefore = caps;
  for (let from = 0; from < eventSecondCount; from += periodSecondCount) {
    const period = { caps, capsBefore, lateSeconds, from };
    const means = plant.jobs.map((job) => runPeriod(plant, tally, { ...period, job: job.id }));
    const next = [...controller(from + periodSecondCount, means)];
    tally.capChangeCount += next.filter((cap, at) => cap !== caps[at]).length;
    capsBefore = caps;
    caps = next;
  }
  return scoreOf(plant, tally);
}

interface Period {
  readonly job: number;
  readonly caps: readonly number[];
  readonly capsBefore: readonly number[];
  readonly lateSeconds: number;
  readonly from: number;
}

function runPeriod(plant: Plant, tally: Tally, period: Period): number {
  const job = plant.jobs[period.job];
  if (job === undefined) {
    return 0;
  }
  let sum = 0;
  for (let second = period.from; second < period.from + periodSecondCount; second += 1) {
    const isLate = second < period.from + period.lateSeconds;
    const cap = (isLate ? period.capsBefore : period.caps)[job.id] ?? fullCapWatts;
    const draw = drawOf(plant, job, cap, second);
    sum += draw;
    if (second >= rampSecondCount) {
      const minute = Math.floor((second - rampSecondCount) / 60);
      tally.minuteWatts[minute] = (tally.minuteWatts[minute] ?? 0) + draw / 60;
      const at = Math.floor((second - rampSecondCount) / periodSecondCount);
      tally.periodWatts[at] = (tally.periodWatts[at] ?? 0) + draw / periodSecondCount;
      const worth = worthOf(plant, job, cap, second);
      tally.worth += worth;
      if (standsStill(plant, job.id, second)) {
        tally.isDipped[minute] = 1;
      } else {
        tally.speedSums[job.id] = (tally.speedSums[job.id] ?? 0) + worth / job.weight;
        tally.runSeconds[job.id] = (tally.runSeconds[job.id] ?? 0) + 1;
      }
    }
  }
  return sum / periodSecondCount;
}

function scoreOf(plant: Plant, tally: Tally): Score {
  const shares = [...tally.minuteWatts].map((watts) => watts / targetWatts);
  const quiet = shares.filter((_, minute) => tally.isDipped[minute] === 0);
  return {
    overMinuteCount: shares.filter((share) => share > 1).length,
    overSlidingShare: overSlidingShare(tally.periodWatts),
    worstShare: Math.max(...shares),
    usedShare: quiet.reduce((sum, share) => sum + share, 0) / quiet.length,
    throughput: tally.worth / (eventSecondCount - rampSecondCount),
    floorSlack: Math.min(
      ...plant.jobs.map((job) => {
        const mean = (tally.speedSums[job.id] ?? 0) / (tally.runSeconds[job.id] ?? 1);
        return mean - job.speedMin;
      }),
    ),
    capChangeCount: tally.capChangeCount,
  };
}

function overSlidingShare(periodWatts: Float64Array): number {
  const length = 60 / periodSecondCount;
  const count = periodWatts.length - length + 1;
  let overCount = 0;
  for (let from = 0; from < count; from += 1) {
    const sum = periodWatts.slice(from, from + length).reduce((all, watts) => all + watts, 0);
    overCount += sum / length > targetWatts ? 1 : 0;
  }
  return overCount / count;
}
