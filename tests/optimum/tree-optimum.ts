import { pointWithin, type CountedWatts, type FillJob } from "@ertis/power-planning";

/** A domain with what lies inside it. Watts are whole and every GPU's watt is one watt of load. */
export interface Domain {
  /** Position in the problem. */
  readonly position: number;
  readonly roomWatts: number;
  readonly jobs: readonly FillJob[];
  readonly inner: readonly Domain[];
}

/**
 * Most weighted speed that fits a tree of limits, by dynamic programming over whole watts: a table per
 * job and per domain of what so many watts are worth, merged upwards. With whole rooms and curve points
 * nothing between whole watts is better.
 */
export function treeOptimum(domain: Domain, counts: CountedWatts): number {
  return worthsOf(domain, counts).at(-1) ?? -Infinity;
}

/** Worth by watts from 0 to the domain's room; −Infinity where floors do not fit. */
function worthsOf(domain: Domain, counts: CountedWatts): readonly number[] {
  let worths: readonly number[] = Array.from({ length: domain.roomWatts + 1 }, () => 0);
  for (const job of domain.jobs) {
    worths = merge(worths, jobWorths(job, counts, domain.roomWatts));
  }
  for (const inner of domain.inner) {
    worths = merge(worths, worthsOf(inner, counts));
  }
  return worths;
}

function jobWorths(job: FillJob, counts: CountedWatts, roomWatts: number): readonly number[] {
  const last = job.curve.points.at(-1)?.capWatts ?? 0;
  const floor = Math.max(job.floorCapWatts, Math.ceil(last / 2));
  const worths: number[] = [];
  for (let watts = 0; watts <= roomWatts; watts++) {
    const { capWatts, speed } = pointWithin(job.curve, watts / job.gpuCount, counts);
    const fits = watts / job.gpuCount >= countedAt(job, floor, counts);
    worths.push(fits && capWatts >= floor ? job.weight * speed : -Infinity);
  }
  return worths;
}

function countedAt(job: FillJob, capWatts: number, counts: CountedWatts): number {
  // The least watts whose point has the cap.
  if (counts === "cap") {
    return capWatts;
  }
  const point = job.curve.points.find((one) => one.capWatts === capWatts);
  if (point === undefined) {
    throw new Error(`the test must put floors on points, ${capWatts} W is none`);
  }
  return point.drawWatts;
}

/** Best of all ways to split so many watts in two; a table that ends early stays at its last worth. */
function merge(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((_, watts) => {
    let best = -Infinity;
    for (let left = 0; left <= watts; left++) {
      const right = Math.min(watts - left, b.length - 1);
      best = Math.max(best, (a[left] ?? -Infinity) + (b[right] ?? -Infinity));
    }
    return best;
  });
}
