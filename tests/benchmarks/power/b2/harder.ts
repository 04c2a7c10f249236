import {
  builtInCurves,
  curveFor,
  lowestCapFor,
  planShed,
  pointAt,
  type ShedJob,
  type ShedPlan,
} from "@ertis/power-planning";
import { pickOne } from "./pick.ts";

/** Two halls below one feed. */
const domainCount = 3;
const eventMs = 10_800_000;
const idleWatts = 75;
const capStepWatts = 1;
const classes = ["inference", "resnet50", "bert", "retinanet"];
const tiers = [0, 0.1, 0.1, 0.1, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5];

export interface HarderOutcome {
  readonly count: number;
  readonly refusedCount: number;
  /** Refused although tiers leave room enough in the mean of the event: whether a plan exists is not known. */
  readonly perhapsWrongCount: number;
  /** Loss ÷ a lower bound on it − 1, of those that lose at least a thousandth. */
  readonly excesses: readonly number[];
}

/**
 * Instances as they are: two halls with limits of their own, tiers drawn 10/30/40/20 %, checkpoints of
 * one to ten minutes and as long to come back, paused GPUs that draw 75 W, pauses of any length. What is best there cannot be
 * enumerated, so the loss stands beside a bound from prices that no plan can beat.
 */
export function measureHarder(count: number, random: () => number): HarderOutcome {
  const excesses: number[] = [];
  let refusedCount = 0;
  let perhapsWrongCount = 0;
  while (excesses.length < count) {
    const jobs = Array.from({ length: 12 + Math.floor(random() * 24) }, (_, id) => job(id, random));
    const room = roomFor(jobs, random);
    const result = planShed({
      jobs,
      idleNodes: [],
      roomScaled: room,
      eventMs,
      elapsedMs: 0,
      noticeMs: 3_600_000,
      counts: "cap",
      capStepWatts,
      floors: "kept",
    });
    if (result.kind === "refused") {
      refusedCount += 1;
      perhapsWrongCount += fitsInTheMean(jobs, room) ? 1 : 0;
      continue;
    }
    const total = jobs.reduce((sum, one) => sum + one.weight, 0);
    const worth = worthOf(jobs, result.plan);
    const least = total - priceBound(jobs, room, worth);
    if (least >= 0.001 * total) {
      excesses.push((total - worth) / least - 1);
    }
  }
  return { count, refusedCount, perhapsWrongCount, excesses: excesses.toSorted((a, b) => a - b) };
}

function job(id: number, random: () => number): ShedJob {
  const gpuCount = 8 * 2 ** Math.floor(random() * 4);
  const curve = {
    points: curveFor(builtInCurves, "H100-SXM", pickOne(classes, random))?.points ?? [],
  };
  const tierLossMax = pickOne(tiers, random);
  const overheadMs = 60_000 * (1 + Math.floor(random() * 10));
  return {
    id,
    gpuCount,
    weight: gpuCount * (random() < 0.3 ? 2 : 1),
    curve,
    floorCapWatts: lowestCapFor(curve, 1 - tierLossMax),
    domains: Int32Array.of(0, 1 + Math.floor(random() * 2)),
    scaledPerGpuWatt: Float64Array.of(gpuCount, gpuCount),
    capNowWatts: 700,
    tierLossMax,
    isProtected: tierLossMax === 0,
    canPause: tierLossMax > 0,
    isPausedNow: false,
    saveMs: overheadMs,
    restoreMs: overheadMs,
    idleWatts,
    nodeCount: gpuCount / 8,
    nodeCountMin: gpuCount / 8,
    lossMsSoFar: 0,
  };
}

/** Each hall and the feed get a part of what they could draw; the floors leave 65 to 95 % open. */
function roomFor(jobs: readonly ShedJob[], random: () => number): Float64Array {
  const room = new Float64Array(domainCount);
  for (const one of jobs) {
    for (const domain of one.domains) {
      room[domain] = (room[domain] ?? 0) + 700 * one.gpuCount;
    }
  }
  return room.map((full) => full * (0.6 + 0.35 * random()));
}

/** With every job on the least that its tier lets it draw. */
function fitsInTheMean(jobs: readonly ShedJob[], room: Float64Array): boolean {
  const left = Float64Array.from(room);
  for (const one of jobs) {
    const least = Math.min(...waysOf(one).map(({ watts }) => watts));
    for (const domain of one.domains) {
      left[domain] = (left[domain] ?? 0) - least;
    }
  }
  return left.every((one) => one >= 0);
}

function worthOf(jobs: readonly ShedJob[], plan: ShedPlan): number {
  const losses = new Map(plan.losses.map(({ id, lossAverage }) => [id, lossAverage]));
  return jobs.reduce((sum, one) => sum + one.weight * (1 - (losses.get(one.id) ?? 0)), 0);
}

interface Way {
  /** Mean over the event, of all its GPUs. */
  readonly watts: number;
  readonly worth: number;
}

/**
 * No plan keeps more: with any prices on watts, it is worth at most the rooms at their prices and what
 * each job, paying them for its mean draw, is best at. Prices move as `tests/optimum/price-bound.ts` says.
 */
function priceBound(jobs: readonly ShedJob[], room: Float64Array, knownWorth: number): number {
  const ways = jobs.map(waysOf);
  const prices = new Float64Array(domainCount);
  let bound = Infinity;
  for (let round = 0; round < 2_000; round++) {
    let worth = room.reduce((sum, one, at) => sum + one * (prices[at] ?? 0), 0);
    const gaps = room.map((one) => -one);
    for (const [at, one] of jobs.entries()) {
      const price = one.domains.reduce((sum, domain) => sum + (prices[domain] ?? 0), 0);
      const best = bestAt(ways[at] ?? [], price);
      worth += best.worth - price * best.watts;
      for (const domain of one.domains) {
        gaps[domain] = (gaps[domain] ?? 0) + best.watts;
      }
    }
    bound = Math.min(bound, worth);
    const size = gaps.reduce((sum, gap) => sum + gap * gap, 0);
    if (size < 1e-9) {
      break;
    }
    const step = Math.max(0, worth - knownWorth) / size;
    gaps.forEach((gap, at) => {
      prices[at] = Math.max(0, (prices[at] ?? 0) + step * gap);
    });
  }
  return bound;
}

function bestAt(ways: readonly Way[], price: number): Way {
  let best: Way = { watts: 0, worth: -Infinity };
  for (const way of ways) {
    if (way.worth - price * way.watts > best.worth - price * best.watts) {
      best = way;
    }
  }
  return best;
}

/**
 * All a job may do: any cap, without a pause or with the longest that its tier leaves it under that cap.
 * What lies between is a mix of the two and so never better at a price.
 */
function waysOf(one: ShedJob): readonly Way[] {
  const overhead = (one.saveMs + one.restoreMs) / eventMs;
  const ways: Way[] = [];
  for (let cap = 700; cap >= one.floorCapWatts; cap -= capStepWatts) {
    const { speed } = pointAt(one.curve, cap);
    ways.push({ watts: cap * one.gpuCount, worth: one.weight * speed });
    const paused = 1 - (1 - one.tierLossMax) / speed - overhead;
    if (one.canPause && paused > 0) {
      ways.push({
        watts: ((1 - paused) * cap + paused * idleWatts) * one.gpuCount,
        worth: one.weight * speed * (1 - paused - overhead),
      });
    }
  }
  return ways;
}
