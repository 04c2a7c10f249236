import { toNumber } from "@ertis/quantities";
import { emptyTwin } from "../../placement/empty-twin.ts";
import { nextWorkMs, wantedIn } from "../../placement/wanted.ts";
import { type Wanted } from "../../placement/room.ts";
import { availableNodes } from "../../power/free-counts.ts";
import { canHoldOn, findNodes } from "../../placement/search.ts";
import { ceilingsAt } from "../../power/horizons.ts";
import { createHorizon } from "../../power/create-horizon.ts";
import { budgetsOf } from "../../power/site-budgets.ts";
import type { Job } from "../../state/job.ts";
import {
  freeCounts,
  nodeAsleep,
  nodeCordoned,
  nodeDraining,
  nodeLost,
  nodeOff,
  type Pool,
  type Reservation,
} from "../../state/site-state.ts";
import type { Endings } from "./endings.ts";
import type { ExplanationReason, HeadStart, PlaceNumbers } from "./explanation.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import { type PowerBlock, powerBlock } from "./power-block.ts";
import { startLowerBoundMs } from "./start-bound.ts";
import { reservationIn } from "../../state/reservations.ts";

/** Why a job does not start in one pool. */
export interface PoolAnswer {
  readonly reason: ExplanationReason;
  readonly place: PlaceNumbers;
  readonly head: HeadStart | undefined;
  /** Absent: not even the end of all that runs makes room. */
  readonly startLowerBoundMs: number | undefined;
}

interface Finding {
  readonly reason: ExplanationReason;
  readonly power?: PowerBlock | undefined;
  readonly head?: HeadStart;
}

/**
 * Asks what a placement pass asks, then takes obstacles away one by one: what is kept for others,
 * GPUs, watts in later windows, watts now. The first that makes the difference is the reason.
 */
export function explainIn(pool: Pool, job: Job, nowMs: number, endings: () => Endings): PoolAnswer {
  const others = pool.site.pools.flatMap(({ reservations }) =>
    reservations.filter((one) => one.job !== job.number),
  );
  const own = reservationIn(pool, job.number);
  const wanted = wantedIn(pool, job, nowMs);
  const finding = withLifted(own === undefined ? [] : [own], (): Finding => {
    if (findNodes(wanted) !== undefined || (own !== undefined && canHoldOn(wanted, own.nodes))) {
      return { reason: "next-pass" };
    }
    return withLifted(others, () => reasonWithout(others, { ...wanted, mayUseKept: true }, nowMs));
  });
  const isFitting = finding.reason === "next-pass" || finding.reason === "behind-others";
  const { nodeCountMin, gpusPerNode, walltimeMin } = job.spec;
  const { floorCapWatts } = wanted;
  // No start is earlier than that of the job bent as far as it goes.
  const walltimeMs = Math.min(nextWorkMs(job), toNumber(walltimeMin));
  const gang = {
    nodeCount: nodeCountMin,
    gpusPerNode,
    walltimeMs,
    capWatts: floorCapWatts,
    floorCapWatts,
  };
  const bound = isFitting ? nowMs : startLowerBoundMs(pool, gang, nowMs, endings());
  // GPUs come back when what runs ends; when even that does not help, watts stand in the way.
  const power =
    bound === undefined && finding.reason === "gpus"
      ? blockWhenEmpty({ ...wanted, holdsUntilMs: nowMs }, nowMs)
      : finding.power;
  const place = placeNumbers(wanted, power);
  return {
    reason: isHopeless(power, bound, place) ? "never-fits-now" : finding.reason,
    place,
    head: finding.head,
    startLowerBoundMs: bound,
  };
}

/** While nothing is kept for others. */
function reasonWithout(others: readonly Reservation[], wanted: Wanted, nowMs: number): Finding {
  const { pool } = wanted;
  if (findNodes(wanted) !== undefined) {
    const head =
      others.find((one) => one.pool === pool) ??
      others.toSorted((a, b) => a.startAtMs - b.startAtMs)[0];
    return {
      reason: "behind-others",
      ...(head === undefined ? {} : { head: { job: head.job, startAtMs: head.startAtMs } }),
    };
  }
  const missing = wanted.nodeCount - availableNodes(wanted, 0);
  if (missing > 0) {
    const { unavailableNodeCount, usableNodeCount } = countNodes(wanted);
    return {
      reason:
        unavailableNodeCount >= missing || usableNodeCount < wanted.nodeCount
          ? "nodes-unavailable"
          : "gpus",
    };
  }
  const now = { ...wanted, holdsUntilMs: nowMs };
  if (findNodes(now) !== undefined) {
    return {
      reason: "future-window",
      power: powerBlock(wanted, pool.site.horizons, nowMs),
    };
  }
  const power = powerBlock(now, pool.site.horizons, nowMs);
  return { reason: reasonOf(power), power };
}

function reasonOf(power: PowerBlock | undefined): ExplanationReason {
  if (power?.curtailment !== undefined) {
    return "power-curtailment";
  }
  return power?.budget === undefined ? "power-limit" : "power-budget";
}

/** The domain where watts end even when nothing else runs, under the ceilings of now. */
function blockWhenEmpty(wanted: Wanted, nowMs: number): PowerBlock | undefined {
  const { site, gpuModel } = wanted.pool;
  const twin = emptyTwin(site);
  const pool = twin.pools.find((one) => one.gpuModel === gpuModel);
  if (pool === undefined) {
    return undefined;
  }
  twin.budgets.splice(0, twin.budgets.length, ...budgetsOf(site));
  twin.curtailments.push(...site.curtailments);
  const now = createHorizon(twin, -Infinity, ceilingsAt(site, nowMs));
  return powerBlock({ ...wanted, pool }, [now], nowMs);
}

/** With all nodes well, every attempt ends: then only budgets are left to stand in the way. */
function isHopeless(
  power: PowerBlock | undefined,
  bound: number | undefined,
  { cordonedNodeCount, lostNodeCount, offNodeCount }: PlaceNumbers,
): boolean {
  return (
    bound === undefined &&
    power?.budget !== undefined &&
    cordonedNodeCount + lostNodeCount + offNodeCount === 0
  );
}

interface NodeCounts {
  /** Nodes that take attempts and are large enough, free or not. */
  readonly usableNodeCount: number;
  readonly unavailableNodeCount: number;
  readonly cordonedNodeCount: number;
  readonly lostNodeCount: number;
  readonly offNodeCount: number;
  readonly asleepNodeCount: number;
}

function countNodes({ pool, gpusPerNode }: Wanted): NodeCounts {
  const { site } = pool;
  let usableNodeCount = 0;
  let unavailableNodeCount = 0;
  let cordonedNodeCount = 0;
  let lostNodeCount = 0;
  let offNodeCount = 0;
  let asleepNodeCount = 0;
  for (let node = 0; node < site.nodeFlags.length; node += 1) {
    const total = site.nodeGpuCount[node] ?? 0;
    if (total < gpusPerNode || site.nodePool[node] !== pool) {
      continue;
    }
    const flags = site.nodeFlags[node] ?? 0;
    if (flags === 0) {
      usableNodeCount += 1;
      continue;
    }
    unavailableNodeCount += total - (site.gpusHeld[node] ?? 0) >= gpusPerNode ? 1 : 0;
    cordonedNodeCount += (flags & (nodeCordoned | nodeDraining)) === 0 ? 0 : 1;
    lostNodeCount += (flags & nodeLost) === 0 ? 0 : 1;
    asleepNodeCount += (flags & nodeAsleep) === 0 ? 0 : 1;
    offNodeCount += (flags & (nodeOff | nodeAsleep)) === nodeOff ? 1 : 0;
  }
  return {
    usableNodeCount,
    unavailableNodeCount,
    cordonedNodeCount,
    lostNodeCount,
    offNodeCount,
    asleepNodeCount,
  };
}

function placeNumbers(wanted: Wanted, power: PowerBlock | undefined): PlaceNumbers {
  const { pool, gpusPerNode } = wanted;
  let availableNodeCount = 0;
  let availableGpuCount = 0;
  let freeGpuCount = 0;
  for (let free = 1; free < freeCounts; free += 1) {
    const nodeCount = pool.free[free] ?? 0;
    freeGpuCount += nodeCount * free;
    if (free >= gpusPerNode) {
      availableNodeCount += nodeCount;
      availableGpuCount += nodeCount * free;
    }
  }
  const { usableNodeCount: _, ...counts } = countNodes(wanted);
  return {
    site: pool.site.site.id,
    gpuModel: pool.gpuModel,
    availableNodeCount,
    availableGpuCount,
    freeGpuCount,
    ...counts,
    power,
  };
}
