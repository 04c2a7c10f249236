import { instant, milliseconds } from "@ertis/quantities";
import { setLifted } from "../../apply/power.ts";
import { poolsOf } from "../../placement/capacity.ts";
import { stopGraceMs } from "../../limits.ts";
import { holdingOfPlacement, promiseBlock, quotaBlock } from "../../placement/quota.ts";
import type { Wanted } from "../../placement/room.ts";
import { canHoldOn, findNodes } from "../../placement/search.ts";
import { placementOn, type Start, wantedUntil } from "../../placement/wanted.ts";
import { highestCapWith } from "../../placement/highest-cap.ts";
import { freeGpusOf } from "../../power/free-counts.ts";
import { curveOf, floorCap, gangSpeed } from "../../power/shedding/curves.ts";
import { besideReturns, onOwnNodes } from "../../power/shedding/beside-returns.ts";
import { hardCeilingsAt } from "../../power/horizons.ts";
import { recoveringDomains, steeredDomains } from "../../power/felt-domains.ts";
import { isFelt } from "../../power/recovery.ts";
import { isBelowAny } from "../../power/shedding/effects.ts";
import { sleepersForReturn } from "../../power/shedding/sleepers.ts";
import { endAt } from "../../power/shedding/work.ts";
import { known } from "../../state/assert.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { type Job, nextAttemptNumber } from "../../state/job.ts";
import type { Horizon, Pool, SiteState } from "../../state/site-state.ts";
import type { TaskId } from "../../state/task-id.ts";
import { hasTask } from "../../state/task-ranges.ts";
import { workWantedMs } from "../../state/work-wanted.ts";
import { besideWaiting, waitingTasks } from "../caps/beside-waiting.ts";
import type { Deciding } from "../deciding.ts";
import { ceilingWithGrant } from "./granted-room.ts";
import { askRamp } from "../ramp/ramp.ts";
import { wakeFor } from "../queue/wake-for-start.ts";

/**
 * Starts a task that was paused for a planned curtailment, with the watts that the steering has granted
 * it. Bounds may exceed such a target, so it is not asked for it, but for all that bounds must not exceed.
 */
export function startReturning(
  deciding: Deciding,
  site: SiteState,
  id: TaskId,
  grantedCapWatts: number,
): void {
  const returning = returningOf(deciding, site, deciding.state.curtailments.paused.get(id));
  const now = known(site.horizons[0], "the horizon of now");
  if (returning !== undefined) {
    const highest = returning.pool.gpuCap?.highestWatts ?? 0;
    const capWatts = grantedCapWatts >= highest ? 0 : Math.floor(grantedCapWatts);
    const later = site.horizons.slice(1).map((horizon) => ({
      ...horizon,
      // Planned ones to come will pause it again.
      ceiling: hardCeilingsAt(site, horizon.atMs),
    }));
    const ceiling = ceilingWithGrant(deciding.state, site, returning.paused, capWatts);
    const ledger = [{ ...now, ceiling }, ...later];
    const find = (): FoundStart | undefined => startAt(deciding, returning, capWatts, ledger);
    const found = onOwnNodes(site, returning.paused, () => {
      wakeForReturn(deciding, returning, find);
      return foundBesidePromises(deciding, site, find);
    });
    start(deciding, returning, found);
  }
}

/** Where GPUs of nodes that are on are too few for it, the steering has granted what others draw that are woken. */
function wakeForReturn(
  deciding: Deciding,
  { job, paused, pool, nodeCount }: Returning,
  findNow: () => FoundStart | undefined,
): void {
  const { state } = deciding;
  if (sleepersForReturn(state, pool.site, paused).length === 0 || findNow() !== undefined) {
    return;
  }
  const find = (): Start | undefined => {
    const found = findNow();
    const placement = found && placementOn(found.wanted, found.nodes);
    return placement && mayHold(state, job, { ...found, placement })
      ? { ...found, placement }
      : undefined;
  };
  const wish = { job, pool, nodeCounts: [nodeCount], isReturning: true, isGranted: true, find };
  wakeFor(deciding, wish);
}

/**
 * Starts gangs that gave nodes back, once they have stopped: on the nodes that are kept for them, at the
 * highest cap that fits. While a planned curtailment steers, it grants them their watts first.
 */
export function startShrunk(deciding: Deciding, site: SiteState): void {
  for (const paused of deciding.state.curtailments.paused.values()) {
    const returning = paused.isShrinking ? returningOf(deciding, site, paused) : undefined;
    if (returning !== undefined) {
      const find = (): FoundStart | undefined => largestStart(deciding, returning);
      const found = onOwnNodes(site, paused, () => foundBesidePromises(deciding, site, find));
      start(deciding, returning, found);
    }
  }
}

/**
 * In the recovery of a planned curtailment those that it has paused come back before any cap rises: at the highest that
 * leaves the others of them their lowest, and else at its own lowest.
 */
export function startRecovering(deciding: Deciding, site: SiteState): void {
  const { state } = deciding;
  const back = recoveringDomains(site, state.nowMs);
  const steered = steeredDomains(site, state.nowMs);
  for (const paused of back.size === 0 ? [] : waitingTasks(state, site)) {
    const { nodes } = paused;
    const isMeant = isBelowAny(site, nodes, back) && !isBelowAny(site, nodes, steered);
    const returning = isMeant ? returningOf(deciding, site, paused) : undefined;
    if (returning !== undefined) {
      const ledger = ledgerOf(deciding, site, paused);
      const beside = besideWaiting(state, site, ledger, paused);
      const floor = floorCap(returning.pool, returning.job.spec);
      const found = highestStart(deciding, returning, beside);
      start(deciding, returning, found ?? startAt(deciding, returning, floor, ledger));
    }
  }
}

/**
 * Starts were promised on the ground that it would be gone by then; the curtailment made it later. Its
 * tier goes before them: those that stand in its way are let go, and planned anew.
 */
function foundBesidePromises(
  deciding: Deciding,
  site: SiteState,
  find: () => FoundStart | undefined,
): FoundStart | undefined {
  const found = find();
  const promises = found === undefined ? site.pools.flatMap((pool) => pool.reservations) : [];
  for (const given of [...promises.map((one) => [one]), promises]) {
    given.forEach((one) => setLifted(one, true));
    const isFitting = given.length > 0 && find() !== undefined;
    given.forEach((one) => setLifted(one, false));
    if (isFitting) {
      given.forEach(({ job }) => deciding.emit({ kind: "reservation-dropped", job }));
      return find();
    }
  }
  return found;
}

/** A task that is to come back, and may. */
interface Returning {
  readonly job: Job;
  readonly paused: PausedTask;
  readonly pool: Pool;
  readonly nodeCount: number;
}

function returningOf(
  { state }: Deciding,
  site: SiteState,
  paused: PausedTask | undefined,
): Returning | undefined {
  const job = paused?.site === site.site.id ? state.jobs.get(paused.job) : undefined;
  // Who takes any model comes back on GPUs of the one that he ran on: the watts are kept for these.
  const ranIn = site.nodePool[paused?.nodes[0] ?? -1];
  const pool = job && poolsOf(state, job).find((one) => one === ranIn);
  if (job === undefined || paused === undefined || pool === undefined) {
    return undefined;
  }
  const { taskThrottle } = job.spec;
  const mayStart =
    paused.isReturning &&
    hasTask(job.pending, paused.task) &&
    job.isReady &&
    !job.isHeld &&
    !job.isCancelled &&
    site.awaySinceMs === undefined &&
    (taskThrottle === 0 || job.runningCount < taskThrottle);
  // On as many nodes as it ran on, for which it is planned and granted its watts, also where it had started on fewer.
  return mayStart ? { job, paused, pool, nodeCount: paused.nodes.length } : undefined;
}

interface FoundStart {
  readonly wanted: Wanted;
  readonly nodes: readonly number[];
  readonly workMs: number;
  readonly endsByMs: number;
}

/** While a planned curtailment steers, it grants what goes on with fewer nodes its watts on those that are kept for it. */
function mayGoElsewhere(state: EngineState, { paused, pool: { site } }: Returning): boolean {
  return !(
    paused.isShrinking &&
    isSteered({ state }, site) &&
    paused.nodes.every((node) => freeGpusOf(site, node) >= paused.gpusPerNode)
  );
}

/** Under one cap, 0: none. On the nodes it had where that is possible. */
function startAt(
  { state }: Deciding,
  returning: Returning,
  capWatts: number,
  ledger: readonly Horizon[],
): FoundStart | undefined {
  const { job, paused, pool, nodeCount } = returning;
  const workMs = workWantedMs(job, paused.task);
  const curve = curveOf(pool, job.spec.workloadClass);
  const speed = gangSpeed(curve, { capWatts, nodeCount }, job.spec.nodeCount);
  const endsByMs = endAt(state.nowMs, workMs, speed);
  const wanted: Wanted = { ...wantedUntil(pool, job, endsByMs), nodeCount, capWatts, ledger };
  const nodes = canHoldOn(wanted, paused.nodes)
    ? paused.nodes
    : mayGoElsewhere(state, returning)
      ? findNodes(wanted)
      : undefined;
  return nodes && { wanted, nodes, workMs, endsByMs };
}

function isSteered(
  { state: { nowMs } }: Pick<Deciding, "state">,
  { curtailments }: SiteState,
): boolean {
  return curtailments.some((one) => one.mode === "planned" && isFelt(one, nowMs));
}

/**
 * What was shrunk for a planned curtailment that is yet to begin was planned by draw, and its bounds may
 * exceed the target then: limits, budgets and emergencies are asked. While one is on, its target, too,
 * unless its steering grants the start (`startReturning`). What others come back to is theirs.
 */
function ledgerOf({ state }: Deciding, site: SiteState, own: PausedTask): readonly Horizon[] {
  const horizons = isSteered({ state }, site)
    ? site.horizons
    : site.horizons.map((horizon) => ({
        ...horizon,
        ceiling: hardCeilingsAt(site, Math.max(horizon.atMs, state.nowMs)),
      }));
  return besideReturns(state, site, { own, horizons });
}

/**
 * Who was to get nodes again goes on with as many of them as there are still watts for. While a planned curtailment
 * steers, it grants all of them.
 */
function largestStart(deciding: Deciding, returning: Returning): FoundStart | undefined {
  const { paused, job, pool } = returning;
  const isLess = paused.isGrowing === true && !isSteered(deciding, pool.site);
  const fewest = isLess ? job.spec.nodeCountMin : returning.nodeCount;
  for (let nodeCount = returning.nodeCount; nodeCount >= fewest; nodeCount -= 1) {
    const nodes = paused.nodes.slice(0, nodeCount);
    const found = highestStart(deciding, { ...returning, nodeCount, paused: { ...paused, nodes } });
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function highestStart(
  deciding: Deciding,
  returning: Returning,
  ledger: readonly Horizon[] = ledgerOf(deciding, returning.pool.site, returning.paused),
): FoundStart | undefined {
  const { pool, job } = returning;
  const floor = floorCap(pool, job.spec);
  const atFull = startAt(deciding, returning, 0, ledger);
  if (atFull !== undefined || floor === 0) {
    return atFull;
  }
  const caps = { floorWatts: floor, highestWatts: pool.gpuCap?.highestWatts ?? floor };
  return highestCapWith(caps, (cap) => startAt(deciding, returning, cap, ledger));
}

/** As any start it waits until its account may hold so much and the ramps above it allow its step. */
function start(
  { state, emit }: Deciding,
  { job, paused: { task } }: Returning,
  found: FoundStart | undefined,
): void {
  if (found === undefined) {
    return;
  }
  const { wanted, nodes, workMs, endsByMs } = found;
  const placement = placementOn(wanted, nodes);
  if (!mayHold(state, job, { placement, endsByMs })) {
    return;
  }
  const answer = askRamp(state, job, { placement, workMs, endsByMs });
  if (answer.kind === "start") {
    const { start: allowed } = answer;
    const isFullSpeed = workMs === allowed.endsByMs - state.nowMs;
    emit({
      kind: "attempt-started",
      attempt: { job: job.number, task, attempt: nextAttemptNumber(job, task) },
      placement: allowed.placement,
      endsBy: instant(allowed.endsByMs),
      ...(isFullSpeed ? {} : { work: milliseconds(workMs) }),
    });
  }
}

/** May its account hold so much, beside what others are promised? */
function mayHold(
  state: EngineState,
  job: Job,
  { placement, endsByMs }: Pick<Start, "placement" | "endsByMs">,
): boolean {
  const more = holdingOfPlacement(placement, job);
  const span = { fromMs: state.nowMs, untilMs: endsByMs + stopGraceMs };
  return (quotaBlock(state, job, more) ?? promiseBlock(state, job, more, span)) === undefined;
}
