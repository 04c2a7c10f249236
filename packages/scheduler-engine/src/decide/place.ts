import { after, instant, toNumber, watts } from "@ertis/quantities";
import { setLifted } from "../apply/power.ts";
import { stopGraceMs } from "../limits.ts";
import { poolsOf } from "../placement/capacity.ts";
import { earliestStart } from "../placement/earliest.ts";
import { canHoldOn, findNodes, mayFitSite, type Wanted } from "../placement/search.ts";
import { lowestFreeMask } from "../power/bounds.ts";
import { growthWatts } from "../power/ledger.ts";
import { known } from "../state/assert.ts";
import { Heap } from "../state/heap.ts";
import { isEligible, type Job, nextAttemptNumber, priorityOf } from "../state/job.ts";
import { isAhead, type Shape } from "../state/queue.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Pool, Reservation } from "../state/site-state.ts";
import { firstTask } from "../state/task-ranges.ts";
import type { Placement } from "../words/attempt.ts";
import type { Reply } from "../words/reply.ts";
import type { Deciding } from "./deciding.ts";

interface Candidate {
  readonly shape: Shape;
  readonly job: Job;
}

/**
 * One placement pass, in order of the queue: start what fits; for the first that does not fit in a
 * pool, keep nodes, watts and a start; let later ones fill in where they do not delay it.
 *
 * Only shapes whose answer may have changed are probed: everything after a release, else those that
 * got a job. The rest would fail again (see `Shape.blockedAtRelease`).
 */
export function place(deciding: Deciding): Reply {
  const { state } = deciding;
  const line = new Heap<Candidate>((a, b) => isAhead(a.shape, a.job, b.shape, b.job));
  const releaseAtStart = state.releaseCount;
  const isFull = state.passedAtRelease !== releaseAtStart;
  const fresh = state.queue.takeFresh();
  for (const shape of isFull ? [...state.queue.shapes()] : fresh) {
    enqueue(deciding, line, shape);
  }
  for (let next = line.pop(); next !== undefined; next = line.pop()) {
    const { shape, job } = next;
    if (isKnownBlocked(deciding, shape, job)) {
      continue;
    }
    if (tryStart(deciding, job)) {
      enqueue(deciding, line, shape);
    } else {
      setBlocked(state, shape, job);
      // What was kept for a lower class may have been all that stood in its way.
      if (reserveIfHead(deciding, job) && tryStart(deciding, job)) {
        enqueue(deciding, line, shape);
      }
    }
  }
  // What the pass itself released (a reservation let go) is for the next pass to look at.
  state.passedAtRelease = releaseAtStart;
  return { kind: "done" };
}

/** Puts the first startable job of a shape in line; jobs that are no longer eligible leave it. */
function enqueue({ state }: Deciding, line: Heap<Candidate>, shape: Shape): void {
  for (let job = shape.jobs.peek(); job !== undefined; job = shape.jobs.peek()) {
    if (isEligible(job)) {
      if (isSurelyBlocked(state, shape, job)) {
        setBlocked(state, shape, job);
      } else {
        line.push({ shape, job });
      }
      return;
    }
    shape.jobs.pop();
    job.isQueued = false;
    job.shape = undefined;
  }
  state.queue.removeIfEmpty(shape);
}

/**
 * Most shapes of a long queue are told apart here, without a place in line: a whole site has too
 * few GPUs or watts for them, and another job has the reservation they would ask for. Should that
 * one be let go in this pass, the next pass asks again.
 */
function isSurelyBlocked(state: EngineState, shape: Shape, job: Job): boolean {
  for (const pool of poolsOf(state, job)) {
    const { reservation } = pool;
    if (
      reservation === undefined ||
      reservation.job === job.number ||
      shape.priority > reservation.priority ||
      mayFitSite(wantedIn(pool, job, state.nowMs))
    ) {
      return false;
    }
  }
  return true;
}

function setBlocked(state: EngineState, shape: Shape, job: Job): void {
  shape.blockedAtRelease = state.releaseCount;
  shape.blockedWalltimeMs = toNumber(job.spec.walltime);
}

function isKnownBlocked({ state }: Deciding, shape: Shape, job: Job): boolean {
  return (
    shape.blockedAtRelease === state.releaseCount &&
    toNumber(job.spec.walltime) >= shape.blockedWalltimeMs
  );
}

/** Starts one task of a job where it fits, in the order of its pools. */
function tryStart(deciding: Deciding, job: Job): boolean {
  const { state } = deciding;
  const kept = reservationOf(deciding, job);
  if (kept !== undefined) {
    setLifted(kept, true);
  }
  const found = findPlacement(deciding, job, kept);
  if (kept !== undefined) {
    setLifted(kept, false);
  }
  if (found === undefined) {
    return false;
  }
  const task = known(firstTask(job.pending), "pending task of an eligible job");
  deciding.emit({
    kind: "attempt-started",
    attempt: { job: job.number, task, attempt: nextAttemptNumber(job, task) },
    placement: found,
    endsBy: after(instant(state.nowMs), job.spec.walltime),
  });
  return true;
}

/** Where a job would go if it started now, or undefined. Also the dry run behind `plan`. */
export function findPlacement(
  { state }: Pick<Deciding, "state">,
  job: Job,
  kept: Reservation | undefined,
): Placement | undefined {
  for (const pool of poolsOf(state, job)) {
    const wanted = wantedIn(pool, job, state.nowMs);
    const nodes =
      findNodes(wanted) ??
      (kept?.pool === pool && canHoldOn(wanted, kept.nodes) ? [...kept.nodes] : undefined);
    if (nodes !== undefined) {
      return placementOn(pool, nodes, job.spec.gpusPerNode);
    }
  }
  return undefined;
}

/** A job that is gone before the pool's reservation starts may use what is kept for it. */
export function wantedIn(pool: Pool, job: Job, nowMs: number): Wanted {
  const holdsUntilMs = nowMs + toNumber(job.spec.walltime) + stopGraceMs;
  const { reservation } = pool;
  return {
    pool,
    nodeCount: job.spec.nodeCount,
    gpusPerNode: job.spec.gpusPerNode,
    holdsUntilMs,
    mayUseKept:
      reservation === undefined ||
      reservation.job === job.number ||
      holdsUntilMs <= reservation.startAtMs,
  };
}

function placementOn(pool: Pool, nodes: readonly number[], gpusPerNode: number): Placement {
  const { site } = pool;
  const now = known(site.horizons[0], "the horizon of now");
  const growth = nodes.reduce((sum, node) => sum + growthWatts(site, node, gpusPerNode, now), 0);
  return {
    site: site.site.id,
    nodes,
    gpuMasks: nodes.map((node) => lowestFreeMask(site.gpuMaskHeld[node] ?? 0, gpusPerNode)),
    powerReserved: watts(growth),
  };
}

export function reservationOf(
  { state }: Pick<Deciding, "state">,
  job: Job,
): Reservation | undefined {
  for (const pool of poolsOf(state, job)) {
    if (pool.reservation?.job === job.number) {
      return pool.reservation;
    }
  }
  return undefined;
}

/**
 * Keeps a start for a job that does not fit and heads the queue of a pool. One reservation a pool:
 * it changes hands only when its job starts, or one of a higher class takes its place. One that
 * could not keep its time gets a new one, a stop grace away: what holds it up is overdue already,
 * and asking every second would fill the log.
 *
 * @returns whether it took the place of another job
 */
function reserveIfHead(deciding: Deciding, job: Job): boolean {
  const { state } = deciding;
  const own = reservationOf(deciding, job);
  if (own !== undefined) {
    if (own.startAtMs > state.nowMs) {
      return false;
    }
    deciding.emit({ kind: "reservation-dropped", job: job.number });
  }
  let best:
    | { readonly pool: Pool; readonly startAtMs: number; readonly nodes: readonly number[] }
    | undefined;
  for (const pool of poolsOf(state, job)) {
    const { reservation } = pool;
    if (reservation !== undefined && priorityOf(job) <= reservation.priority) {
      continue;
    }
    // Planned as if the job it would take the place of had let go already.
    if (reservation !== undefined) {
      setLifted(reservation, true);
    }
    const found = earliestStart(
      pool,
      {
        nodeCount: job.spec.nodeCount,
        gpusPerNode: job.spec.gpusPerNode,
        walltimeMs: toNumber(job.spec.walltime),
      },
      state.nowMs,
    );
    if (reservation !== undefined) {
      setLifted(reservation, false);
    }
    if (found !== undefined && (best === undefined || found.startAtMs < best.startAtMs)) {
      best = { pool, ...found };
    }
  }
  if (best === undefined) {
    return false;
  }
  const isTakeover = best.pool.reservation !== undefined;
  deciding.emit({
    kind: "reservation-made",
    job: job.number,
    site: best.pool.site.site.id,
    gpuModel: best.pool.gpuModel,
    startAt: instant(
      own === undefined ? best.startAtMs : Math.max(best.startAtMs, state.nowMs + stopGraceMs),
    ),
    nodes: best.nodes,
  });
  return isTakeover;
}
