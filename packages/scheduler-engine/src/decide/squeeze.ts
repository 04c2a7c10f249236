import { type CapCurve, type FillJob, lowerCaps } from "@ertis/power-planning";
import { instant } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { startsBefore } from "../placement/earliest.ts";
import { poolsWithoutPaused, reservationOf } from "../placement/find.ts";
import { nextWorkMs, wantedUntil } from "../placement/wanted.ts";
import { availableNodes, smallestGrowthWatts, type Wanted } from "../placement/room.ts";
import { findNodes } from "../placement/search.ts";
import { capStepWatts, curveOf, floorCap, gangSpeed, speedUnder } from "../power/curves.ts";
import { lentCurve } from "../power/lent-curves.ts";
import { fillJobOf, turnoverWeightOf } from "../power/fill-jobs.ts";
import { growthWatts } from "../power/ledger.ts";
import { Lowering } from "../power/lowering.ts";
import { endAt } from "../power/work.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import { type Attempt, type Job, priorityOf } from "../state/job.ts";
import type { Pool, SiteState } from "../state/site-state.ts";
import { capNow } from "./cap-orders.ts";
import { orderWithinRamp } from "./ramp-caps.ts";
import { maySqueeze, squeezeLeadMs } from "./squeeze-hold.ts";
import { capBeforeWindow } from "./cap-windows.ts";
import { cheapestToLower } from "./squeeze-choice.ts";
import { mayTrySqueeze, noteSqueeze, squeezedInVain } from "./squeeze-tries.ts";
import type { Deciding } from "./deciding.ts";
import { visitAbove } from "../power/columns.ts";

interface Squeezed {
  readonly attempts: readonly Attempt[];
  readonly jobs: readonly FillJob[];
}

/**
 * Lowers caps of running attempts so that a job for which GPUs are free gets watts, where all of them
 * together get more done that way. Who heads the queue of a pool is promised a start a little later, at
 * the cap that was found for it; the others start in their order as soon as the nodes acknowledge.
 *
 * @returns whether caps were lowered
 */
export function squeezeFor(deciding: Deciding, job: Job): boolean {
  const { state } = deciding;
  for (const pool of poolsWithoutPaused(state, job)) {
    const { site } = pool;
    if (
      !hasGpus(pool, job) ||
      !maySqueeze(state, site) ||
      !mayTrySqueeze(state, site, job.number)
    ) {
      continue;
    }
    if (squeezeIn(deciding, pool, job)) {
      return true;
    }
    squeezedInVain(state, site, job.number);
  }
  return false;
}

function hasGpus(pool: Pool, job: Job): boolean {
  const { nodeCount } = job.spec;
  return availableNodes(wantedUntil(pool, job, Infinity), 0) >= nodeCount;
}

function squeezeIn(deciding: Deciding, pool: Pool, job: Job): boolean {
  const { state } = deciding;
  const { site } = pool;
  const highestWatts = pool.gpuCap?.highestWatts ?? 0;
  const workMs = nextWorkMs(job);
  const curve = curveOf(pool, job.spec.workloadClass);
  const floor = floorCap(pool, job.spec);
  const lowest = speedUnder(curve, floor);
  const wanted: Wanted = {
    ...wantedUntil(pool, job, endAt(state.nowMs + squeezeLeadMs, workMs, lowest)),
    capWatts: floor,
  };
  if (availableNodes(wanted, 0) < wanted.nodeCount) {
    return false;
  }
  const squeezed = squeezable(state, site, wanted);
  if (!mayFreeEnough(site, squeezed, wanted)) {
    return false;
  }
  const nodes = nodesAtFloors(site, squeezed, wanted);
  if (nodes === undefined) {
    return false;
  }
  const newcomer = fillJobOf(site, {
    job,
    weight: turnoverWeightOf(job, nodes.length * wanted.gpusPerNode),
    curve: curve ?? fullPowerOnly(highestWatts),
    floorCapWatts: floor === 0 ? highestWatts : floor,
    nodes,
    gpusPerNode: wanted.gpusPerNode,
  });
  const lowered = lowerCaps({
    jobs: [...squeezed.jobs, newcomer],
    capNowWatts: Float64Array.from([
      ...squeezed.attempts.map((one) => capNow(site, one)),
      highestWatts,
    ]),
    freeScaled: freeAfter(site, nodes, wanted),
    counts: "cap",
    capStepWatts,
  });
  if (lowered.kind !== "filled") {
    return false;
  }
  const caps = Array.from(lowered.capWatts, Math.floor);
  const capWatts = Math.min(caps.at(-1) ?? 0, highestWatts);
  const gain = newcomer.weight * speedUnder(curve, capWatts);
  const isOwn = pool.reservation?.job === job.number;
  if (!isOwn && (gain <= loss(squeezed, caps) || !isWorthIt(state, pool, job, lowest))) {
    return false;
  }
  const attempts = lowerTo(deciding, site, squeezed, caps);
  if (attempts.length === 0) {
    return false;
  }
  site.squeezed = { job: job.number, atMs: state.nowMs, attempts };
  noteSqueeze(state, site, job.number);
  // Where a node does not answer, the others are looked at again.
  state.preemptsAgainAtMs = Math.min(state.preemptsAgainAtMs, state.nowMs + squeezeLeadMs);
  if (isOwn || mayPromise(pool, job)) {
    promise(deciding, job, { pool, nodes, capWatts });
  }
  return true;
}

/** @returns whose caps were lowered */
function lowerTo(
  deciding: Deciding,
  site: SiteState,
  { attempts }: Squeezed,
  caps: readonly number[],
): readonly Attempt[] {
  return attempts.filter((attempt, at) => {
    const cap = caps[at] ?? 0;
    return cap < capNow(site, attempt) && orderWithinRamp(deciding, site, attempt, cap);
  });
}

/** Even at its floor it would end no later than if it waited for full power: else it would not start. */
function isWorthIt(state: EngineState, pool: Pool, job: Job, lowestSpeed: number): boolean {
  const workMs = nextWorkMs(job);
  const { nodeCount, gpusPerNode } = job.spec;
  const gang = { nodeCount, gpusPerNode, walltimeMs: workMs, capWatts: 0 };
  const floorCapWatts = floorCap(pool, job.spec);
  const endsByMs = endAt(state.nowMs, workMs, lowestSpeed);
  return !startsBefore(pool, { ...gang, floorCapWatts }, state.nowMs, endsByMs - workMs);
}

function mayPromise({ reservation }: Pool, job: Job): boolean {
  return reservation === undefined || priorityOf(job) > reservation.priority;
}

interface Promised {
  readonly pool: Pool;
  readonly nodes: readonly number[];
  readonly capWatts: number;
}

/** Keeps the start that the lowered caps make room for. */
function promise(deciding: Deciding, job: Job, { pool, nodes, capWatts }: Promised): void {
  const { state } = deciding;
  const curve = curveOf(pool, job.spec.workloadClass);
  const startAtMs = state.nowMs + squeezeLeadMs;
  const speed = gangSpeed(curve, { capWatts, nodeCount: 1 }, 1);
  if (reservationOf(state, job) !== undefined) {
    deciding.emit({ kind: "reservation-dropped", job: job.number });
  }
  deciding.emit({
    kind: "reservation-made",
    job: job.number,
    site: pool.site.site.id,
    gpuModel: pool.gpuModel,
    startAt: instant(startAtMs),
    nodes,
    ...(capWatts >= (pool.gpuCap?.highestWatts ?? 0) ? {} : { capWatts }),
    holdsUntil: instant(endAt(startAtMs, nextWorkMs(job), speed) + stopGraceMs),
  });
}

/** False when even all floors together surely free too little at the feed. */
function mayFreeEnough(site: SiteState, { attempts, jobs }: Squeezed, wanted: Wanted): boolean {
  const now = known(site.horizons[0], "the horizon of now");
  let free = (now.ceiling[0] ?? 0) - (now.load[0] ?? 0);
  attempts.forEach((attempt, at) => {
    const job = jobs[at];
    const feed = job?.domains.indexOf(0) ?? -1;
    const cap = capNow(site, attempt);
    free += (cap - (job?.floorCapWatts ?? cap)) * (job?.scaledPerGpuWatt[feed] ?? 0);
  });
  const perWatt = (site.scaledPerWattMin[0] ?? 0) * wanted.nodeCount;
  return attempts.length > 0 && smallestGrowthWatts(wanted) * perWatt <= free;
}

function fullPowerOnly(capWatts: number): CapCurve {
  return { points: [{ capWatts, speed: 1, drawWatts: capWatts }] };
}

/** Weighted speed that the lowered attempts lose. */
function loss({ attempts, jobs }: Squeezed, caps: readonly number[]): number {
  let sum = 0;
  attempts.forEach((attempt, at) => {
    // What it leaves unused anyway is no loss.
    const before = speedUnder(jobs[at]?.curve, attempt.capWatts);
    const after = speedUnder(jobs[at]?.curve, caps[at] ?? 0);
    sum += (jobs[at]?.weight ?? 0) * Math.max(0, before - after);
  });
  return sum;
}

/** Attempts that can be lowered, none so far that it would run into a window it ends before now. */
function squeezable(state: EngineState, site: SiteState, wanted: Wanted): Squeezed {
  const attempts: Attempt[] = [];
  const jobs: FillJob[] = [];
  for (const attempt of cheapestToLower(state, site, wanted)) {
    const curve = lentCurve(site, attempt, state.nowMs);
    const floorCapWatts = Math.max(attempt.floorCapWatts, capBeforeWindow(state, site, attempt));
    if (curve === undefined || floorCapWatts >= capNow(site, attempt)) {
      continue;
    }
    attempts.push(attempt);
    const running = known(state.jobs.get(attempt.job), "job of an attempt");
    jobs.push(
      fillJobOf(site, {
        job: running,
        weight: turnoverWeightOf(running, attempt.heldNodes.length * attempt.gpusPerNode),
        curve,
        floorCapWatts,
        nodes: attempt.heldNodes,
        gpusPerNode: attempt.gpusPerNode,
      }),
    );
  }
  return { attempts, jobs };
}

/** Where the newcomer would fit with everybody lowered as far as may be. */
function nodesAtFloors(
  site: SiteState,
  { attempts, jobs }: Squeezed,
  wanted: Wanted,
): readonly number[] | undefined {
  const lowering = new Lowering(site);
  attempts.forEach((attempt, at) => {
    lowering.lower(attempt, jobs[at]?.floorCapWatts ?? attempt.capWatts);
  });
  const nodes = findNodes(wanted);
  lowering.undo();
  return nodes;
}

/** What is free in each domain once the newcomer runs at full power; negative: what is missing. */
function freeAfter(site: SiteState, nodes: readonly number[], wanted: Wanted): Float64Array {
  const now = known(site.horizons[0], "the horizon of now");
  const free = now.ceiling.map((ceiling, domain) => ceiling - (now.load[domain] ?? 0));
  for (const node of nodes) {
    const growth = growthWatts(site, node, { ...wanted, capWatts: 0 }, now);
    visitAbove(site, node, growth, (column, scaled) => {
      free[column] = (free[column] ?? 0) - scaled;
    });
  }
  return free;
}
