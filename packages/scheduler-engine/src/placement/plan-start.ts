import { capStepWatts, curveOf, floorCap, gangSpeed } from "../power/shedding/curves.ts";
import { endAt } from "../power/shedding/work.ts";
import type { Job } from "../state/job.ts";
import type { Pool } from "../state/site-state.ts";
import { earliestStart, type WaitingGang, nodesForStart } from "./earliest.ts";
import { nextWorkMs } from "./wanted.ts";

/** A start to promise: with which nodes, and the cap that watts are kept for. */
export interface PlannedStart {
  readonly pool: Pool;
  readonly startAtMs: number;
  readonly nodes: readonly number[];
  /** 0: full power. */
  readonly capWatts: number;
  /** When its work would be done, were the cap never raised. */
  readonly endsByMs: number;
}

/** How often the distance between the floor and full power is halved for a better cap. */
const capSteps = 4;

/**
 * The start to keep for a job in a pool: at full power, or capped where that starts sooner and is done no
 * later. A job that never fits whole gets one with as few nodes as it takes.
 */
export function planStart(
  pool: Pool,
  job: Job,
  nowMs: number,
  leadMs?: number,
): PlannedStart | undefined {
  const times = { nowMs, leadMs };
  const { nodeCount, nodeCountMin } = job.spec;
  const full = startOf(pool, job, { nodeCount, capWatts: 0 }, times);
  const floor = floorCap(pool, job.spec);
  // Where GPUs are what it waits for, a cap does not help.
  if (floor !== 0 && (full === undefined || full.isForWatts)) {
    const capped = startOf(pool, job, { nodeCount, capWatts: floor }, times);
    if (
      capped !== undefined &&
      (full === undefined ||
        (capped.startAtMs < full.startAtMs && capped.endsByMs <= full.endsByMs))
    ) {
      return raised(pool, job, capped, nowMs);
    }
  }
  if (full !== undefined || nodeCountMin === nodeCount) {
    return full;
  }
  const shrunk = startOf(pool, job, { nodeCount: nodeCountMin, capWatts: 0 }, times);
  if (shrunk !== undefined || floor === 0) {
    return shrunk;
  }
  const least = startOf(pool, job, { nodeCount: nodeCountMin, capWatts: floor }, times);
  return least && raised(pool, job, least, nowMs);
}

interface Times {
  readonly nowMs: number;
  /** Not sooner than after so long. */
  readonly leadMs: number | undefined;
}

interface Bent {
  readonly nodeCount: number;
  readonly capWatts: number;
}

/** The start at a given moment of a gang that is bent so far, if there is room for it. */
export function startAtMoment(
  pool: Pool,
  job: Job,
  { nodeCount, capWatts, startAtMs }: Bent & { readonly startAtMs: number },
  nowMs: number,
): PlannedStart | undefined {
  const gang = gangOf(pool, job, { nodeCount, capWatts });
  const nodes = nodesForStart(pool, gang, nowMs, startAtMs);
  return nodes && { pool, startAtMs, nodes, capWatts, endsByMs: startAtMs + gang.walltimeMs };
}

/** The start of a gang that is bent so far, whatever it would be without. */
export function startOf(
  pool: Pool,
  job: Job,
  bent: Bent,
  { nowMs, leadMs }: Times,
): (PlannedStart & { readonly isForWatts: boolean }) | undefined {
  const gang = gangOf(pool, job, bent);
  const found = earliestStart(pool, gang, nowMs, leadMs);
  return (
    found && {
      pool,
      ...found,
      capWatts: bent.capWatts,
      endsByMs: found.startAtMs + gang.walltimeMs,
    }
  );
}

function gangOf(pool: Pool, job: Job, bent: Bent): WaitingGang {
  const { nodeCount, gpusPerNode, workloadClass } = job.spec;
  const speed = gangSpeed(curveOf(pool, workloadClass), bent, nodeCount);
  return {
    ...bent,
    gpusPerNode,
    floorCapWatts: floorCap(pool, job.spec),
    walltimeMs: endAt(0, nextWorkMs(job), speed),
    mayUseKept: false,
  };
}

/** The same start with a higher cap, as far as watts of that moment go. */
function raised(pool: Pool, job: Job, least: PlannedStart, nowMs: number): PlannedStart {
  const { startAtMs } = least;
  const stepsUp = ((pool.gpuCap?.highestWatts ?? 0) - 1 - least.capWatts) / capStepWatts;
  let best = least;
  let low = 0;
  let high = Math.max(0, Math.floor(stepsUp));
  for (let step = 0; step < capSteps && low < high; step += 1) {
    const middle = Math.ceil((low + high) / 2);
    const capWatts = least.capWatts + middle * capStepWatts;
    const bent = { nodeCount: least.nodes.length, capWatts, startAtMs };
    const found = startAtMoment(pool, job, bent, nowMs);
    if (found === undefined) {
      high = middle - 1;
    } else {
      low = middle;
      best = found;
    }
  }
  return best;
}
