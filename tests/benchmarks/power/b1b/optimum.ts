import { drawAt, speedAt } from "@ertis/power-planning";

import { bestChoices } from "../../../optimum/knapsack.ts";
import { fullCapWatts, targetWatts } from "./controller.ts";
import type { MixJob } from "./phoenix-mix.ts";
import { eventSecondCount, rampSecondCount, ratioAt, standsStill, type Plant } from "./plant.ts";

const capStepWatts = 5;
const unitWatts = 10;

/** The drift is slow: between two optima half an hour apart the worth of the best plan is all but a line. */
const stretchSecondCount = 1_800;

/**
 * Throughput of the best caps for one who knows each job's ratio and its drift at every time, and hands
 * out no watt of a job that stands still: the exact dynamic programme, once for the middle of each half
 * hour. An upper bound, since the target is widened by what rounding to whole units may take.
 */
export function optimumOf(plant: Plant): number {
  let worth = 0;
  for (let from = rampSecondCount; from < eventSecondCount; from += stretchSecondCount) {
    const speeds = bestSpeeds(plant, from + stretchSecondCount / 2);
    for (const job of plant.jobs) {
      const running = runningSeconds(plant, job.id, from);
      worth += running * job.weight * (speeds[job.id] ?? 0);
    }
  }
  return worth / (eventSecondCount - rampSecondCount);
}

function runningSeconds(plant: Plant, job: number, from: number): number {
  let running = 0;
  for (let second = from; second < from + stretchSecondCount; second += 1) {
    running += standsStill(plant, job, second) ? 0 : 1;
  }
  return running;
}

function bestSpeeds(plant: Plant, second: number): readonly number[] {
  const caps = plant.jobs.map((job) => capsOf(job));
  const choices = plant.jobs.map((job, at) =>
    (caps[at] ?? []).map((cap) => ({
      watts: job.gpuCount * drawAt(job.curve, cap) * ratioAt(plant, job.id, second),
      worth: job.weight * speedAt(job.curve, cap),
    })),
  );
  const roomWatts = targetWatts + plant.jobs.length * unitWatts;
  const best = bestChoices(choices, roomWatts, unitWatts);
  return plant.jobs.map((job, at) =>
    best === undefined ? 0 : speedAt(job.curve, caps[at]?.[best.chosen[at] ?? 0] ?? 0),
  );
}

function capsOf(job: MixJob): readonly number[] {
  const caps: number[] = [];
  for (let cap = job.floorCapWatts; cap <= fullCapWatts; cap += capStepWatts) {
    caps.push(cap);
  }
  return caps;
}
