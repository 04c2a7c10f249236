import { withLifted } from "../../power/what-if/lifted.ts";
import { startAsKept } from "../../placement/bend.ts";
import { answeringPools, findStart, reservationOf } from "../../placement/find.ts";
import { promisedHolding } from "../../placement/promised-holdings.ts";
import {
  holdingOfPlacement,
  isAboveQuota,
  quotaBlock,
  smallestHolding,
} from "../../placement/quota.ts";
import type { Start } from "../../placement/wanted.ts";
import { withPromisedRoom } from "../../power/what-if/promised-room.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { type Job, nextTask } from "../../state/job.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { Pool, Reservation } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { Deciding } from "../deciding.ts";
import { startWithinRamp, waitNoMore } from "../ramp/ramp.ts";
import { accountBlock, emitStart } from "../emit-start.ts";
import { foundBesidePromises } from "./beside-promises.ts";
import { startOnWoken, wakeFor, type WakingStart } from "./wake-for-start.ts";

export type StartAnswer = "started" | "no-room" | "quota-block" | "promised-away" | "ramp";

/**
 * Starts one task of a job where it fits, in the order of its pools. A promised start that is due and may not be
 * made larger or faster than it was promised, nor at another site, is made as it was promised.
 */
export function tryStart(deciding: Deciding, job: Job): StartAnswer {
  const { state } = deciding;
  if (quotaBlock(state, job, smallestHolding(state, job)) !== undefined) {
    return "quota-block";
  }
  const kept = reservationOf(state, job);
  const findNow = (): Start | undefined => lifting(state, kept, () => findStart(state, job, kept));
  const find = (): Start | undefined =>
    findNow() ?? (wakeForStart(deciding, job, kept) ? findNow() : undefined);
  const back = comesBackUncapped(state, job);
  const mayBeTold = kept === undefined && back === undefined;
  if (mayBeTold && state.foundNoRoom.has(job.number, state.releaseCount)) {
    return noRoom(state, job);
  }
  const found =
    back === undefined
      ? find()
      : foundBesidePromises(deciding, back.pool.site, {
          paused: back.paused,
          find,
          isPossible: () => isStartable(state, job, { kept, pool: back.pool }, findNow()),
        });
  if (found === undefined) {
    if (mayBeTold) {
      state.foundNoRoom.add(job.number, state.releaseCount);
    }
    return noRoom(state, job);
  }
  const answer = startAs(deciding, job, {
    kept,
    found,
    isCounted: isCounted(state, job, kept, found),
  });
  if (answer === "started" || !isDue(state, kept)) {
    return answer;
  }
  const promised = lifting(state, kept, () => startAsKept(state, job, kept));
  const isMade =
    promised !== undefined &&
    startAs(deciding, job, { kept, found: promised, isCounted: true }) === "started";
  return isMade ? "started" : answer;
}

/** Was all that a start takes of its account counted when it was promised: it is due, and no larger? */
function isCounted(
  state: EngineState,
  job: Job,
  kept: Reservation | undefined,
  { placement }: Start,
): boolean {
  if (!isDue(state, kept)) {
    return false;
  }
  const taken = holdingOfPlacement(placement, job);
  const promised = promisedHolding(kept.pool.site, kept);
  return taken.gpuCount <= promised.gpuCount && taken.reservedWatts <= promised.reservedWatts;
}

/** No start is kept for a whole that its account may never hold. */
function noRoom(state: EngineState, job: Job): StartAnswer {
  return isAboveQuota(state, job) ? "quota-block" : "no-room";
}

interface AsFound {
  readonly kept: Reservation | undefined;
  readonly found: Start;
  readonly isCounted: boolean;
}

function startAs(deciding: Deciding, job: Job, { kept, found, ...as }: AsFound): StartAnswer {
  const { state } = deciding;
  const block = accountBlock(state, job, found, as.isCounted);
  if (block !== undefined) {
    return block;
  }
  const start = lifting(state, kept, () => startWithinRamp(state, job, found));
  if (start === undefined) {
    return "ramp";
  }
  waitNoMore(state, job);
  emitStart(deciding, job, known(nextTask(job), "pending task of an eligible job"), start);
  return "started";
}

function isDue({ nowMs }: EngineState, kept: Reservation | undefined): kept is Reservation {
  return kept !== undefined && kept.startAtMs <= nowMs;
}

interface Uncapped {
  readonly paused: PausedTask;
  /** Where it ran: its watts are kept for it there. */
  readonly pool: Pool;
}

/**
 * A task that comes back from a pause on GPUs that take no caps: no steering grants it its start, so it goes
 * before what others were promised there, as those do that are granted theirs (`decide/shed/start-returning.ts`).
 */
function comesBackUncapped(state: EngineState, job: Job): Uncapped | undefined {
  const task = nextTask(job) ?? -1;
  const paused = job.returningTasks.includes(task)
    ? state.curtailments.paused.get(taskIdOf({ job: job.number, task }))
    : undefined;
  const pool = state.sites.get(paused?.site ?? "")?.nodePool[paused?.nodes[0] ?? -1];
  return paused === undefined || pool === undefined || pool.gpuCap !== undefined
    ? undefined
    : { paused, pool };
}

/** Would it start now in a pool, on nodes that are on or that are woken for it? */
function isStartable(
  state: EngineState,
  job: Job,
  { kept, pool }: { readonly kept: Reservation | undefined; readonly pool: Pool },
  found: Start | undefined,
): boolean {
  return found === undefined
    ? lifting(state, kept, () =>
        wakingStarts(state, job, kept).some(
          (one) => one.pool === pool && startOnWoken(state, one) !== undefined,
        ),
      )
    : isIn(pool, found) &&
        accountBlock(state, job, found, isCounted(state, job, kept, found)) === undefined &&
        startWithinRamp(state, job, found) !== undefined;
}

function isIn(pool: Pool, { placement: { site, nodes } }: Start): boolean {
  return pool.site.site.id === site && nodes.every((node) => pool.site.nodePool[node] === pool);
}

/** Nodes that are off for a planned curtailment are woken where it then starts. */
function wakeForStart(deciding: Deciding, job: Job, kept: Reservation | undefined): boolean {
  const { state } = deciding;
  return lifting(state, kept, () =>
    wakingStarts(state, job, kept).some((one) => wakeFor(deciding, one)),
  );
}

/** Where a job without a promised start would go if nodes were woken for it, as a pass does. */
export function startWoken(state: EngineState, job: Job): Start | undefined {
  for (const one of wakingStarts(state, job, undefined)) {
    const woken = startOnWoken(state, one);
    if (woken !== undefined) {
      return woken.start;
    }
  }
  return undefined;
}

/** One a pool. */
function wakingStarts(
  state: EngineState,
  job: Job,
  kept: Reservation | undefined,
): readonly WakingStart<Start>[] {
  const { nodeCount, nodeCountMin } = job.spec;
  const nodeCounts = nodeCount === nodeCountMin ? [nodeCount] : [nodeCount, nodeCountMin];
  const find = (): Start | undefined => {
    const found = findStart(state, job, kept);
    return found &&
      accountBlock(state, job, found, isCounted(state, job, kept, found)) === undefined
      ? found
      : undefined;
  };
  const isReturning = job.returningTasks.includes(nextTask(job) ?? -1);
  const how = { job, nodeCounts, isReturning, isGranted: false, find };
  return answeringPools(state, job).map((pool) => ({ ...how, pool }));
}

/** What is kept for the job itself does not stand in its way, and what others leave for it is there. */
function lifting<T>(state: EngineState, kept: Reservation | undefined, ask: () => T): T {
  if (kept === undefined) {
    return ask();
  }
  return withLifted([kept], () => withPromisedRoom(kept.pool.site, kept, state.nowMs, ask));
}
