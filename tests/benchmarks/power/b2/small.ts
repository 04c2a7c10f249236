import {
  builtInCurves,
  curveFor,
  lowestCapFor,
  planShed,
  pointAt,
  type ShedJob,
} from "@ertis/power-planning";

const classes = ["inference", "resnet50", "bert", "retinanet"];
const capStepWatts = 1;
const idleWatts = -25;

export interface SmallOutcome {
  readonly count: number;
  /** More instances, which the plan refuses although they can be solved. */
  readonly wronglyRefusedCount: number;
  /** Loss ÷ least possible loss − 1. */
  readonly worst: number;
  readonly mean: number;
}

/** Small instances with every pause set and cap on the grid tried, beside the plan. */
export function measureSmall(count: number, random: () => number): SmallOutcome {
  const excesses: number[] = [];
  let wronglyRefusedCount = 0;
  while (excesses.length < count) {
    const jobs = Array.from({ length: 3 + Math.floor(random() * 3) }, (_, id) => job(id, random));
    const full = jobs.reduce((sum, one) => sum + one.gpuCount * 700, 0);
    const room = full * (0.3 + 0.6 * random());
    const excess = excessOf(jobs, room);
    if (excess === "refused") {
      wronglyRefusedCount += 1;
    } else if (excess !== undefined) {
      excesses.push(excess);
    }
  }
  return {
    count,
    wronglyRefusedCount,
    worst: Math.max(...excesses),
    mean: excesses.reduce((sum, one) => sum + one, 0) / count,
  };
}

function job(id: number, random: () => number): ShedJob {
  const gpuCount = 8 * 2 ** Math.floor(random() * 4);
  const name = classes[Math.floor(random() * classes.length)] ?? "";
  const curve = { points: curveFor(builtInCurves, "H100-SXM", name)?.points ?? [] };
  // A pause may last the whole event or not be at all: what can be enumerated.
  const tierLossMax = random() < 0.5 ? 0.5 : 1;
  return {
    id,
    gpuCount,
    weight: gpuCount * (random() < 0.3 ? 2 : 1),
    curve,
    floorCapWatts: lowestCapFor(curve, 1 - tierLossMax),
    domains: Int32Array.of(0),
    scaledPerGpuWatt: Float64Array.of(gpuCount),
    capNowWatts: 700,
    tierLossMax,
    isProtected: false,
    canPause: tierLossMax === 1,
    isPausedNow: false,
    saveMs: 0,
    restoreMs: 0,
    idleWatts,
    nodeCount: gpuCount / 8,
    nodeCountMin: gpuCount / 8,
    lossMsSoFar: 0,
  };
}

function excessOf(jobs: readonly ShedJob[], room: number): number | "refused" | undefined {
  const best = exact(jobs, room);
  if (best === undefined) {
    return undefined;
  }
  const result = planShed({
    jobs,
    idleNodes: [],
    roomScaled: Float64Array.of(room),
    eventMs: 10_800_000,
    elapsedMs: 0,
    noticeMs: 3_600_000,
    counts: "cap",
    capStepWatts,
    floors: "kept",
  });
  if (result.kind === "refused") {
    return "refused";
  }
  const total = jobs.reduce((sum, one) => sum + one.weight, 0);
  const least = total - best;
  return least < 0.001 * total ? undefined : (total - result.plan.weightedSpeed) / least - 1;
}

/** All pairs of watts and worth that no other beats, job by job. */
function exact(jobs: readonly ShedJob[], room: number): number | undefined {
  let front: readonly (readonly [watts: number, worth: number])[] = [[0, 0]];
  for (const one of jobs) {
    const next: (readonly [number, number])[] = [];
    for (const [watts, worth] of front) {
      for (const [more, value] of optionsOf(one)) {
        if (watts + more <= room) {
          next.push([watts + more, worth + value]);
        }
      }
    }
    next.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    let best = -1;
    front = next.filter(([, worth]) => {
      const isBetter = worth > best + 1e-12;
      best = Math.max(best, worth);
      return isBetter;
    });
  }
  return front.at(-1)?.[1];
}

function* optionsOf(one: ShedJob): Generator<readonly [number, number]> {
  if (one.canPause) {
    yield [idleWatts * one.gpuCount, 0];
  }
  for (let cap = 700; cap >= one.floorCapWatts; cap -= capStepWatts) {
    yield [cap * one.gpuCount, one.weight * pointAt(one.curve, cap).speed];
  }
}
