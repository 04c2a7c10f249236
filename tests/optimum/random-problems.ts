import { type CapCurve, type CapPoint, type FillJob } from "@ertis/power-planning";
import * as fc from "fast-check";
import type { Domain } from "./tree-optimum.ts";

/** Whole caps, each further watt worth no more than the one before, all above half of the last. */
const concaveCurve: fc.Arbitrary<CapCurve> = fc
  .record({
    edges: fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 30 })), {
      minLength: 1,
      maxLength: 3,
    }),
    slowest: fc.integer({ min: 2, max: 9 }),
    unusedWatts: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ edges, slowest, unusedWatts }) => {
    const falling = edges.toSorted((a, b) => b[1] - a[1]);
    const total = falling.reduce((sum, [run, slope]) => sum + run * slope, 0);
    let cap = 20;
    let risen = 0;
    const pointNow = (): CapPoint => ({
      capWatts: cap,
      speed: risen === total ? 1 : (slowest + (10 - slowest) * (risen / total)) / 10,
      drawWatts: cap - unusedWatts,
    });
    const points = [pointNow()];
    for (const [run, slope] of falling) {
      cap += run;
      risen += run * slope;
      points.push(pointNow());
    }
    return { points };
  });

export interface JobSeed {
  readonly curve: CapCurve;
  readonly gpuCount: number;
  readonly weight: number;
  readonly hasFloorAbove: boolean;
}

export const jobSeed: fc.Arbitrary<JobSeed> = fc.record({
  curve: concaveCurve,
  gpuCount: fc.constantFrom(1, 2, 4),
  weight: fc.integer({ min: 0, max: 9 }),
  hasFloorAbove: fc.boolean(),
});

export function jobUnder(
  { curve, gpuCount, weight, hasFloorAbove }: JobSeed,
  loads: readonly (readonly [domain: number, perGpuWatt: number])[],
): FillJob {
  return {
    gpuCount,
    weight,
    curve,
    floorCapWatts: curve.points[hasFloorAbove ? 1 : 0]?.capWatts ?? 0,
    domains: Int32Array.from(loads, ([domain]) => domain),
    scaledPerGpuWatt: Float64Array.from(loads, ([, perGpuWatt]) => perGpuWatt),
  };
}

interface DomainSeed {
  readonly jobs: readonly JobSeed[];
  /** How far its room lies between all floors and all at full power, in tenths; 11: more than all need. */
  readonly tenths: number;
  readonly inner: readonly DomainSeed[];
}

function domainSeed(depth: number): fc.Arbitrary<DomainSeed> {
  return fc.record({
    jobs: fc.array(jobSeed, { maxLength: 3 }),
    tenths: fc.integer({ min: 0, max: 11 }),
    inner: depth === 0 ? fc.constant([]) : fc.array(domainSeed(depth - 1), { maxLength: 2 }),
  });
}

export interface TreeProblem {
  readonly root: Domain;
  readonly jobs: readonly FillJob[];
  readonly roomScaled: Float64Array;
}

/** Trees of up to three levels; rooms are whole and hold the floors. */
export const treeProblem: fc.Arbitrary<TreeProblem> = domainSeed(2).map((seed) => {
  const rooms: number[] = [];
  const root = plant(seed, [], rooms);
  return { root, jobs: jobsIn(root), roomScaled: Float64Array.from(rooms) };
});

function plant(seed: DomainSeed, above: readonly number[], rooms: number[]): Domain {
  const position = rooms.length;
  rooms.push(0);
  const path = [...above, position];
  const jobs = seed.jobs.map((job) =>
    jobUnder(
      job,
      path.map((domain) => [domain, job.gpuCount]),
    ),
  );
  const inner = seed.inner.map((one) => plant(one, path, rooms));
  const all = [...jobs, ...inner.flatMap(jobsIn)];
  const low = all.reduce((sum, job) => sum + job.gpuCount * job.floorCapWatts, 0);
  const high = all.reduce((sum, job) => sum + job.gpuCount * lastCap(job), 0);
  const roomWatts = low + Math.floor(((high - low) * seed.tenths) / 10);
  rooms[position] = roomWatts;
  return { position, roomWatts, jobs, inner };
}

function jobsIn(domain: Domain): readonly FillJob[] {
  return [...domain.jobs, ...domain.inner.flatMap(jobsIn)];
}

export function lastCap({ curve }: FillJob): number {
  return curve.points.at(-1)?.capWatts ?? 0;
}
