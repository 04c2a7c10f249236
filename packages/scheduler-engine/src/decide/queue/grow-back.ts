import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../../limits.ts";
import { poolsOf } from "../../placement/capacity.ts";
import { highestCapWith } from "../../placement/highest-cap.ts";
import { holdingOfPlacement, promiseBlock, quotaBlock } from "../../placement/quota.ts";
import { findNodes } from "../../placement/search.ts";
import { placementOn, wantedUntil } from "../../placement/wanted.ts";
import { actsOnBounds } from "../../power/stale-meters.ts";
import { besideReturns } from "../../power/shedding/beside-returns.ts";
import { curveOf, gangSpeed } from "../../power/shedding/curves.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import { endAt, workLeftMs } from "../../power/shedding/work.ts";
import { withLifting } from "../../power/what-if/lifting.ts";
import {
  beginsAtMs,
  type CurtailmentRecord,
  type PlannedPause,
  type ShrunkTask,
} from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt, Job } from "../../state/job.ts";
import type { Pool, SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { Deciding } from "../deciding.ts";
import { mayStopInRamp } from "../ramp/stop-in-ramp.ts";
import { goOnWith, namedAs, partOf } from "./go-on-with.ts";

/** Plans of planned ones are made again no sooner. */
const settledMs = 300_000;

/**
 * Gangs that gave nodes back for a curtailment get them again when it is over, or when a planned one leaves room for
 * them to its end, before anybody else starts: they write a checkpoint and go on from it, once their nodes and watts are
 * there. Each once, and one after the other, each at a site when the one before it runs.
 */
export function growBack(deciding: Deciding): void {
  const { state } = deciding;
  const { shrunk, paused } = state.curtailments;
  if (shrunk.size === 0) {
    return;
  }
  for (const site of state.sites.values()) {
    const isHere = (one: { readonly site: string }): boolean => one.site === site.site.id;
    const isAnyoneMoving =
      [...paused.values()].some((one) => isHere(one) && one.isShrinking) ||
      [...site.attempts].some((one) => isComingBack(state, one));
    if (!isAnyoneMoving && site.awaySinceMs === undefined) {
      [...shrunk.values()].filter(isHere).some((one) => grow(deciding, site, one));
    }
  }
}

/** It was stopped for a curtailment, and does not run again yet. */
function isComingBack({ jobs }: EngineState, { job, task, phase }: Attempt): boolean {
  const before = jobs.get(job)?.history.findLast((one) => one.task === task);
  return phase === "starting" && before?.pausedFor !== undefined;
}

/** A gang that may grow. */
interface Growing {
  readonly job: Job;
  readonly attempt: Attempt;
  readonly pool: Pool;
  readonly nodeCount: number;
  /** What took nodes first. */
  readonly takenBy: ShrunkTask["curtailment"];
}

function grow(deciding: Deciding, site: SiteState, shrunk: ShrunkTask): boolean {
  const growing = growingOf(deciding.state, site, shrunk);
  const nodes = growing && nodesFor(deciding.state, growing);
  if (
    growing === undefined ||
    nodes === undefined ||
    !mayStopInRamp(deciding.state, site, [growing.attempt])
  ) {
    return false;
  }
  const { curtailment } = shrunk;
  forgetShrinks(deciding, site, growing.attempt);
  goOnWith(deciding, site, { attempt: growing.attempt, nodes, curtailment });
  return true;
}

/** A plan that has it shrink would do so again at once. */
function forgetShrinks({ state, emit }: Deciding, site: SiteState, { job, task }: Attempt): void {
  const pauses = state.curtailments.pauses.get(site.site.id) ?? [];
  const isOwn = (one: PlannedPause): boolean =>
    one.job === job && (one.task ?? 0) === task && one.nodeCount !== undefined;
  for (const owner of new Set(pauses.filter(isOwn).map(({ curtailment }) => curtailment))) {
    const left = pauses
      .filter((one) => one.curtailment === owner && !isOwn(one))
      .map(({ job: number, task: own, fromMs, untilMs, nodeCount }) => ({
        job: number,
        ...partOf(own ?? 0),
        fromMs,
        untilMs,
        ...(nodeCount === undefined ? {} : { nodeCount }),
      }));
    emit({ kind: "pauses-planned", site: site.site.id, ...namedAs(owner), pauses: left });
  }
}

function growingOf(
  state: EngineState,
  site: SiteState,
  { job: number, task, nodeCount, curtailment: takenBy }: ShrunkTask,
): Growing | undefined {
  const job = state.jobs.get(number);
  const attempt = job?.active?.get(task);
  const pool = job && poolsOf(state, job).find((one) => one.site === site);
  const mayGrow =
    attempt?.phase === "running" &&
    attempt.heldNodes.length < nodeCount &&
    job?.spec.checkpoint !== undefined &&
    !job.isHeld &&
    !job.isCancelled;
  return job !== undefined && mayGrow && pool !== undefined
    ? { job, attempt, pool, nodeCount, takenBy }
    : undefined;
}

/**
 * On its own nodes and others that are free: at full power, else under the cap that it has, else under the highest below
 * that for which there is room: all nodes under a lower cap may do more than a part of them at full power.
 */
function nodesFor(state: EngineState, growing: Growing): readonly number[] | undefined {
  const { attempt, pool } = growing;
  const caps = [0, attempt.capWatts].filter((cap, at, all) => all.indexOf(cap) === at);
  for (const capWatts of caps.filter((cap) => isWorth(state, growing, cap))) {
    const nodes = nodesUnder(state, growing, capWatts);
    if (nodes !== undefined) {
      return nodes;
    }
  }
  const { capWatts, floorCapWatts: floorWatts } = attempt;
  const highestWatts = capWatts || (pool.gpuCap?.highestWatts ?? 0);
  if (floorWatts === 0 || floorWatts >= highestWatts) {
    return undefined;
  }
  const found = highestCapWith({ floorWatts, highestWatts }, (cap) => {
    const nodes = nodesUnder(state, growing, cap);
    return nodes && { nodes, cap };
  });
  return found !== undefined && isWorth(state, growing, found.cap) ? found.nodes : undefined;
}

function nodesUnder(
  state: EngineState,
  growing: Growing,
  capWatts: number,
): readonly number[] | undefined {
  const nodes = withLifting(growing.pool.site, (lifting) => {
    lifting.lift(growing.attempt);
    return find(state, growing, capWatts);
  });
  return nodes !== undefined && mayHoldMore(state, growing, nodes) ? nodes : undefined;
}

/**
 * What it does more until it ends, or until the next curtailment over it begins, is more than what it does not do while
 * it writes its checkpoint, stops and reads it back.
 */
function isWorth(state: EngineState, growing: Growing, capWatts: number): boolean {
  const { job, attempt, pool } = growing;
  const { nodes } = attempt.placement;
  const over = pool.site.curtailments.filter(({ domain }) => isBelow(pool.site, nodes, domain));
  const nextMs = over.map((one) => hasUntilMs(state, growing, one));
  const spanMs =
    Math.min(attempt.endsByMs, ...nextMs, ...pausesFromMs(state, attempt)) - state.nowMs;
  const speedNow = speedOf(growing, { capWatts: attempt.capWatts, nodeCount: nodes.length });
  const speedThen = speedOf(growing, { capWatts, nodeCount: growing.nodeCount });
  const { save = 0, restore = 0 } = job.spec.checkpoint ?? {};
  const lostMs = Number(save) + Number(restore) + stopGraceMs;
  return spanMs * (1 - speedNow / speedThen) > lostMs;
}

/** Up to when it has what it gets: to the next one, to the end of one that leaves it room now, else not at all. */
function hasUntilMs(state: EngineState, growing: Growing, curtailment: Curtailment): number {
  const {
    attempt,
    pool: { site },
  } = growing;
  const { nowMs } = state;
  const { id, mode, end } = curtailment;
  const record = state.curtailments.records.get(id);
  if (toNumber(end) <= nowMs || record === undefined) {
    return Infinity;
  }
  const beginsMs = beginsAtMs(record);
  const isFreed = isOnlyOthers(state, growing, record);
  // While nobody measures bounds tell whether there is room, as to who comes new.
  const isToldRoom = actsOnBounds(site, curtailment, nowMs)
    ? isFreed
    : site.startRooms.has(id) && (isFreed || settledAtMs(record) <= nowMs);
  const isRoomLeft =
    mode === "planned" && isToldRoom && record.effects.get(taskIdOf(attempt))?.hasGrown !== true;
  return beginsMs <= nowMs && isRoomLeft ? toNumber(end) : Math.max(nowMs, beginsMs);
}

/** From then on a plan has held for a while: what is free has room to the end. */
function settledAtMs({ curtailment: { start, ramp }, plannedAtMs }: CurtailmentRecord): number {
  return Math.max(toNumber(start) + toNumber(ramp), plannedAtMs) + settledMs;
}

/** Its nodes were taken by another one, which is over, and the plan of this one takes none: it undoes nothing. */
function isOnlyOthers(
  { nowMs, curtailments: { records, pauses } }: EngineState,
  { attempt: { job, task, placement }, takenBy }: Growing,
  { curtailment: { id, start, ramp } }: CurtailmentRecord,
): boolean {
  const isTaking = (pauses.get(placement.site) ?? []).some(
    (one) => one.curtailment === id && one.job === job && (one.task ?? 0) === task,
  );
  return (
    takenBy !== undefined &&
    takenBy !== id &&
    records.get(takenBy)?.isOver !== false &&
    !isTaking &&
    toNumber(start) + toNumber(ramp) <= nowMs
  );
}

/** When gangs are to be asked that may grow within planned curtailments: nobody else may ask for a pass then. */
export function* growMoments({ curtailments, nowMs }: EngineState): Generator<number, void, void> {
  if (curtailments.shrunk.size > 0) {
    for (const record of curtailments.records.values()) {
      const atMs = settledAtMs(record);
      if (record.curtailment.mode === "planned" && !record.isOver && atMs > nowMs) {
        yield atMs;
      }
    }
  }
}

/** It would not grow only to pause. */
function pausesFromMs(
  { curtailments: { pauses } }: EngineState,
  { placement: { site }, job, task }: Attempt,
): readonly number[] {
  return (pauses.get(site) ?? [])
    .filter((one) => one.job === job && (one.task ?? 0) === task && one.nodeCount === undefined)
    .map(({ fromMs }) => fromMs);
}

function speedOf(
  { job, pool }: Growing,
  gang: { readonly capWatts: number; readonly nodeCount: number },
): number {
  return gangSpeed(curveOf(pool, job.spec.workloadClass), gang, job.spec.nodeCount);
}

/** While it is lifted off its own. */
function find(
  state: EngineState,
  growing: Growing,
  capWatts: number,
): readonly number[] | undefined {
  const { job, attempt, pool, nodeCount } = growing;
  const { save = 0, restore = 0 } = job.spec.checkpoint ?? {};
  const workMs = workLeftMs(attempt, state.nowMs) + Number(save) + Number(restore) + stopGraceMs;
  const endsByMs = endAt(state.nowMs, workMs, speedOf(growing, { capWatts, nodeCount }));
  const ledger = besideReturns(state, pool.site);
  return findNodes({ ...wantedUntil(pool, job, endsByMs), nodeCount, capWatts, ledger });
}

/** May its account hold the nodes that it gets, beside what others are promised? */
function mayHoldMore(
  state: EngineState,
  { job, attempt, pool }: Growing,
  nodes: readonly number[],
): boolean {
  const more = nodes.filter((node) => !attempt.heldNodes.includes(node));
  const wanted = wantedUntil(pool, job, attempt.endsByMs);
  const holding = holdingOfPlacement(placementOn(wanted, more), job);
  const span = { fromMs: state.nowMs, untilMs: wanted.holdsUntilMs };
  return (quotaBlock(state, job, holding) ?? promiseBlock(state, job, holding, span)) === undefined;
}
