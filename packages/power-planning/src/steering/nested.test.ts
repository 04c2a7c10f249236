import { expect, test } from "vitest";

import { drawAt } from "../curves/read-curve.ts";
import { defaultSteerSettings as settings, type SteerJob, type SteerTarget } from "./plan.ts";
import { startSteering, steer, type SteerState, type SteerStep } from "./steer.ts";
import { fullWatts, testJob } from "./test-plant.ts";

const jobs = [0, 1, 2, 3].map((id) => testJob(id));
const isInner = ({ id }: SteerJob): boolean => id < 2;

function targetOf(members: readonly SteerJob[], share: number, startMs: number): SteerTarget {
  const fromWatts = fullWatts(members);
  const endMs = startMs + 1_800_000;
  return { startMs, endMs, rampMs: 120_000, fromWatts, targetWatts: share * fromWatts };
}

/** A hall at 70 % inside a site at 80 %, the hall's event beginning while the site's ramps. */
const outer = targetOf(jobs, 0.8, 0);
const inner = targetOf(jobs.filter(isInner), 0.7, 60_000);

function stepOf(
  state: SteerState,
  target: SteerTarget,
  members: readonly SteerJob[],
  atMs: number,
): SteerStep {
  const jobWatts = new Map(members.map((job) => [job.id, drawOf(job)]));
  const measurement = { fromMs: atMs - 10_000, atMs, jobWatts, restWatts: 0, restBoundWatts: 0 };
  return steer(state, { target, jobs: members, measurement, settings });
}

function drawOf(job: SteerJob): number {
  return job.gpuCount * 1.01 * drawAt(job.curve, job.capInForceWatts);
}

function sumOf(members: readonly SteerJob[]): number {
  return members.reduce((sum, job) => sum + drawOf(job), 0);
}

test("nested targets: what the inner one leaves a job is its ceiling in the outer one; both are kept and used", () => {
  let innerState = startSteering(settings);
  let outerState = startSteering(settings);
  const ceilings = new Map<number, number>();
  let now: readonly SteerJob[] = jobs;
  const minutes = new Map<number, { inner: number; outer: number }>();
  for (let period = 1; period <= 180; period += 1) {
    const minute = Math.floor((period - 1) / 6);
    const sums = minutes.get(minute) ?? { inner: 0, outer: 0 };
    const innerWatts = sums.inner + sumOf(now.filter(isInner)) / 6;
    minutes.set(minute, { inner: innerWatts, outer: sums.outer + sumOf(now) / 6 });
    const atMs = period * 10_000;
    const first = stepOf(innerState, inner, now.filter(isInner), atMs);
    innerState = first.state;
    first.caps.forEach(({ id, capWatts }) => ceilings.set(id, capWatts));
    const bounded = now.map((job) => ({ ...job, ceilingCapWatts: ceilings.get(job.id) ?? 400 }));
    const second = stepOf(outerState, outer, bounded, atMs);
    outerState = second.state;
    const caps = new Map(second.caps.map(({ id, capWatts }) => [id, capWatts]));
    now = now.map((job) => ({ ...job, capInForceWatts: caps.get(job.id) ?? job.capInForceWatts }));
  }
  const steady = [...minutes].filter(([minute]) => minute >= 4).map(([, means]) => means);
  const largest = {
    inner: Math.max(...steady.map((means) => means.inner)),
    outer: Math.max(...steady.map((means) => means.outer)),
  };
  expect(largest.inner).toBeLessThanOrEqual(inner.targetWatts);
  expect(largest.outer).toBeLessThanOrEqual(outer.targetWatts);
  expect(steady.at(-1)?.inner).toBeGreaterThan(0.98 * inner.targetWatts);
  expect(steady.at(-1)?.outer).toBeGreaterThan(0.98 * outer.targetWatts);
});
