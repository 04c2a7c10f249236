import type { Engine } from "@ertis/scheduler-engine";
import { speedAt } from "@ertis/power-planning";
import { boundsOf } from "./world.ts";
import { highestCapWatts } from "./fleet.ts";

const gpusPerNode = 8;
const classFactor: Readonly<Record<string, number>> = { low: 1, normal: 2, high: 4, urgent: 8 };

export interface Beside {
  /** Part of the weighted throughput that is lost. */
  readonly lossShare: number;
  readonly brokenFloorCount: number;
  readonly stoppedCount: number;
}

/** What the engine's own caps cost, once all that was asked for holds. */
export function lossOfCaps(engine: Engine): Beside {
  return lossOf(engine, (one) => one.capWatts);
}

/** One cap for every GPU that takes it, as high as the target allows; others go as low as they can. */
export function uniformCap(engine: Engine, targetWatts: number): Beside & { capWatts: number } {
  const jobs = [...running(engine)];
  const boundsAt = (capWatts: number): number =>
    jobs.reduce(
      (sum, one) => sum - one.gpuCount * (highestCapWatts - Math.max(capWatts, one.lowestWatts)),
      boundsOf(engine),
    );
  let capWatts = highestCapWatts;
  while (capWatts > 0 && boundsAt(capWatts) > targetWatts) {
    capWatts -= 1;
  }
  return { ...lossOf(engine, () => capWatts), capWatts };
}

/** The jobs that started last stop until the rest fits at full power. */
export function killNewest(engine: Engine, targetWatts: number, perGpuWatts: number): Beside {
  let over = boundsOf(engine) - targetWatts;
  let lost = 0;
  let all = 0;
  let stoppedCount = 0;
  for (const one of [...running(engine)].toSorted((a, b) => b.job - a.job)) {
    all += one.weight;
    if (over > 0) {
      over -= one.gpuCount * perGpuWatts;
      lost += one.weight;
      stoppedCount += 1;
    }
  }
  return { lossShare: lost / all, brokenFloorCount: stoppedCount, stoppedCount };
}

function lossOf(engine: Engine, capOf: (one: Running) => number): Beside {
  let lost = 0;
  let all = 0;
  let brokenFloorCount = 0;
  for (const one of running(engine)) {
    const capWatts = capOf(one);
    const cap = capWatts === 0 ? highestCapWatts : Math.max(capWatts, one.lowestWatts);
    const speed = one.isStopped ? 0 : speedAt(one.curve, cap);
    all += one.weight;
    lost += one.weight * (1 - speed);
    brokenFloorCount += speed < 1 - one.tierShare - 1e-9 ? 1 : 0;
  }
  return { lossShare: lost / all, brokenFloorCount, stoppedCount: 0 };
}

interface Running {
  readonly job: number;
  readonly gpuCount: number;
  readonly weight: number;
  readonly capWatts: number;
  readonly lowestWatts: number;
  readonly tierShare: number;
  readonly isStopped: boolean;
  readonly curve: Parameters<typeof speedAt>[0];
}

function* running(engine: Engine): Generator<Running> {
  for (const site of engine.state.sites.values()) {
    for (const { job: number, heldNodes, capWatts, curve, phase } of site.attempts) {
      const job = engine.state.jobs.get(number);
      if (job !== undefined && curve !== undefined) {
        const gpuCount = heldNodes.length * gpusPerNode;
        yield {
          job: number,
          gpuCount,
          weight: gpuCount * (classFactor[job.spec.priorityClass] ?? 1),
          capWatts,
          lowestWatts: curve.points[0]?.capWatts ?? 0,
          tierShare: job.spec.flexibilityTier / 100,
          isStopped: phase === "stopping",
          curve,
        };
      }
    }
  }
}
