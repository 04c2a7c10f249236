import { stopGraceMs } from "../../limits.ts";
import { placementOn, type Start } from "../../placement/wanted.ts";
import { floorCap } from "../../power/shedding/curves.ts";
import { withOwnNodes } from "../../power/what-if/own-nodes.ts";
import { hardCeilingsAt } from "../../power/horizons.ts";
import { recoveringDomains, steeredDomains } from "../../power/felt-domains.ts";
import { isBelowAny } from "../../power/shedding/effects.ts";
import { sleepersForReturn } from "../../power/shedding/sleepers.ts";
import { known } from "../../state/assert.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Horizon, SiteState } from "../../state/site-state.ts";
import type { TaskId } from "../../state/task-id.ts";
import { besideWaiting, waitingTasks } from "../../power/shedding/beside-waiting.ts";
import type { Deciding } from "../deciding.ts";
import {
  type FoundStart,
  highestStart,
  largestStart,
  ledgerOf,
  type Returning,
  returningOf,
  startAt,
  workFrom,
} from "./find-returning.ts";
import { ceilingWithGrant } from "./granted-room.ts";
import { askRamp } from "../ramp/ramp.ts";
import { accountBlock, emitStart } from "../emit-start.ts";
import { foundBesidePromises, type ReturningStart } from "../queue/beside-promises.ts";
import { goOnInstead } from "../queue/go-on-with.ts";
import { startOnWoken, wakeFor } from "../queue/wake-for-start.ts";

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
  const { state } = deciding;
  const returning = returningOf(deciding, site, state.curtailments.paused.get(id));
  if (returning !== undefined) {
    const highest = returning.pool.gpuCap?.highestWatts ?? 0;
    const capWatts = grantedCapWatts >= highest ? 0 : Math.floor(grantedCapWatts);
    const ledger = ledgerWithGrant(state, site, returning.paused, capWatts);
    const find = (): FoundStart | undefined => startAt(state.nowMs, returning, capWatts, ledger);
    const floor = floorCap(returning.pool, returning.job.spec);
    // Below a ramp it comes lower, also where bounds are above a target that is steered.
    const lowest = (): FoundStart | undefined =>
      withOwnNodes(site, returning.paused, () => startAt(state.nowMs, returning, floor, ledger));
    const ways = { find, lowest };
    const found = withOwnNodes(site, returning.paused, () =>
      foundBesidePromises(deciding, site, withNodesWoken(deciding, returning, ways)),
    );
    start(deciding, returning, found, lowest);
  }
}

/** What a task must fit that comes back under a cap that was granted to it. */
function ledgerWithGrant(
  state: EngineState,
  site: SiteState,
  paused: PausedTask,
  capWatts: number,
): readonly Horizon[] {
  const now = known(site.horizons[0], "the horizon of now");
  const later = site.horizons.slice(1).map((horizon) => ({
    ...horizon,
    // Planned ones to come will pause it again.
    ceiling: hardCeilingsAt(site, horizon.atMs),
  }));
  return [{ ...now, ceiling: ceilingWithGrant(state, site, paused, capWatts) }, ...later];
}

/** Would a task that is to come back fit at its floor if it came now, and not a while later: beside a budget it ends too late then? */
export function isLastChance(
  state: EngineState,
  site: SiteState,
  paused: PausedTask,
  waitMs: number,
): boolean {
  const returning = returningOf({ state }, site, paused);
  if (returning === undefined) {
    return false;
  }
  const floor = floorCap(returning.pool, returning.job.spec);
  const holdsUntilMs = workFrom(state.nowMs, returning, floor).endsByMs + stopGraceMs;
  const isMoreKnown = site.horizons.some(
    ({ atMs }) => holdsUntilMs <= atMs && atMs < holdsUntilMs + waitMs,
  );
  if (!isMoreKnown) {
    return false;
  }
  const ledger = ledgerWithGrant(state, site, paused, floor);
  const [now, later] = [state.nowMs, state.nowMs + waitMs].map((fromMs) =>
    withOwnNodes(site, paused, () => startAt(fromMs, returning, floor, ledger)),
  );
  return now !== undefined && later === undefined;
}

/** Where GPUs of nodes that are on are too few for it, the steering has granted what others draw that are woken. */
function withNodesWoken(
  deciding: Deciding,
  returning: Returning,
  ways: Ways,
): ReturningStart<FoundStart> {
  const { state } = deciding;
  const { job, paused, pool, nodeCount } = returning;
  const { find: findNow } = ways;
  const onNow = onNodesThatAreOn(state, returning, ways);
  if (sleepersForReturn(state, pool.site, paused).length === 0) {
    return onNow;
  }
  const find = (): Start | undefined => {
    const found = findNow();
    const placement = found && placementOn(found.wanted, found.nodes);
    return placement && accountBlock(state, job, { ...found, placement }, false) === undefined
      ? { ...found, placement }
      : undefined;
  };
  const wish = { job, pool, nodeCounts: [nodeCount], isReturning: true, isGranted: true, find };
  return {
    paused,
    find: () => findNow() ?? (wakeFor(deciding, wish) ? findNow() : undefined),
    isPossible: () => onNow.isPossible() || startOnWoken(state, wish) !== undefined,
  };
}

interface Ways {
  readonly find: () => FoundStart | undefined;
  /** Lower, where the ramps above it have no room for more; absent: at its floor. */
  readonly lowest?: () => FoundStart | undefined;
}

/** No promise is let go for a start that its account or a ramp has no room for: it would be made again, and so on in a circle. */
function onNodesThatAreOn(
  state: EngineState,
  returning: Returning,
  { find, lowest }: Ways,
): ReturningStart<FoundStart> {
  const isPossible = (): boolean => startNow(state, returning, find(), lowest) !== undefined;
  return { paused: returning.paused, find, isPossible };
}

/**
 * Starts gangs that gave nodes back, once they have stopped: on the nodes that are kept for them, at the
 * highest cap that fits. What fits with fewer only is counted so, as if a plan had said it. While a planned curtailment steers, it grants them their watts first.
 */
export function startShrunk(deciding: Deciding, site: SiteState): void {
  for (const paused of deciding.state.curtailments.paused.values()) {
    const returning = paused.isShrinking ? returningOf(deciding, site, paused) : undefined;
    if (returning !== undefined) {
      const find = (): FoundStart | undefined => largestStart(deciding, returning);
      const found = withOwnNodes(site, paused, () =>
        foundBesidePromises(deciding, site, onNodesThatAreOn(deciding.state, returning, { find })),
      );
      if (found !== undefined && found.nodes.length < paused.nodes.length && !paused.isGrowing) {
        goOnInstead(deciding, paused, found.nodes);
      }
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
      const find = (): FoundStart | undefined => recoveringStart(deciding, returning);
      const found = withOwnNodes(site, paused, () =>
        foundBesidePromises(deciding, site, onNodesThatAreOn(deciding.state, returning, { find })),
      );
      start(deciding, returning, found);
    }
  }
}

function recoveringStart(deciding: Deciding, returning: Returning): FoundStart | undefined {
  const { state } = deciding;
  const { job, paused, pool } = returning;
  const ledger = ledgerOf(deciding, pool.site, paused);
  const beside = besideWaiting(state, pool.site, ledger, paused);
  return (
    highestStart(deciding, returning, beside) ??
    startAt(state.nowMs, returning, floorCap(pool, job.spec), ledger)
  );
}

function start(
  deciding: Deciding,
  returning: Returning,
  found: FoundStart | undefined,
  lowest?: () => FoundStart | undefined,
): void {
  const made = startNow(deciding.state, returning, found, lowest);
  if (made !== undefined) {
    emitStart(deciding, returning.job, returning.paused.task, made);
  }
}

/** As any start it waits until its account may hold so much and the ramps above it allow its step. */
function startNow(
  state: EngineState,
  { job }: Returning,
  found: FoundStart | undefined,
  lowest: (() => FoundStart | undefined) | undefined,
): Start | undefined {
  if (found === undefined) {
    return undefined;
  }
  const wanted = asStart(found);
  if (accountBlock(state, job, wanted, false) !== undefined) {
    return undefined;
  }
  const answer = askRamp(
    state,
    job,
    wanted,
    lowest &&
      (() => {
        const least = lowest();
        return least && asStart(least);
      }),
  );
  return answer.kind === "start" ? answer.start : undefined;
}

function asStart({ wanted, nodes, workMs, endsByMs }: FoundStart): Start {
  return { placement: placementOn(wanted, nodes), workMs, endsByMs };
}
