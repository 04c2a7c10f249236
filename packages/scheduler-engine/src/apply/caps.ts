import { toNumber } from "@ertis/quantities";
import { capInForce, isAboveCap, refreshCut } from "../state/caps.ts";
import { countLoss } from "../power/shedding/count-loss.ts";
import { holdsUntilMs } from "../power/attempt-ends.ts";
import { refreshNode } from "../power/ledger.ts";
import { workAddedMs, workLeftMs } from "../power/shedding/work.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Attempt } from "../state/job.ts";
import { noteLow } from "../state/low-attempts.ts";
import type { SiteState } from "../state/site-state.ts";
import type { AttemptKey } from "../words/attempt.ts";
import type { CapAcknowledged, CapSet } from "../words/event.ts";
import { acknowledgeMs } from "../limits.ts";
import { lookUp } from "./attempts.ts";
import { assertWithinLimits } from "./hold-nodes.ts";
import { addWalltimeTimers } from "./walltime-timers.ts";
import { recharge } from "./shares.ts";
import { taskIdOf } from "../state/task-id.ts";
import { keepReturnNodes } from "./paused-tasks.ts";

/**
 * A new cap is wanted. Where it is lower than what may be in force, the old one stays in force until
 * the node acknowledges; where it is higher, it is in force at once. A raise that no domain has room
 * for is a bug of whoever decided it.
 */
export function capSet(state: EngineState, event: CapSet): void {
  const { job, attempt } = lookUp(state, event.attempt);
  const site = siteOf(state, attempt);
  const inForce = new Map<number, number>();
  let hasRisen = false;
  for (const node of attempt.heldNodes) {
    const before = capInForce(attempt, node);
    if (isAboveCap(before, event.capWatts)) {
      inForce.set(node, before);
    }
    hasRisen ||= isAboveCap(event.capWatts, before);
  }
  noteSilence(state, site, attempt);
  countLoss(state, site, attempt);
  const heldUntilMs = holdsUntilMs(attempt);
  attempt.workLeftMs = workLeftMs(attempt, state.nowMs);
  attempt.workAtMs = state.nowMs;
  attempt.endsByMs = toNumber(event.endsBy);
  site.cappedCount += Number(event.capWatts !== 0) - Number(attempt.capWatts !== 0);
  attempt.capWatts = event.capWatts;
  attempt.capOrder += 1;
  noteLow(site, attempt);
  attempt.capInForce = inForce.size === 0 ? undefined : inForce;
  job.generation += 1;
  refresh(site, attempt.heldNodes);
  recharge(state, job, attempt);
  addWalltimeTimers(state, attempt);
  if (hasRisen) {
    assertWithinLimits(site, attempt.heldNodes);
  }
  // What a lowering frees is free when it is acknowledged.
  if (isOutOfWindow(site, attempt, heldUntilMs)) {
    state.releaseCount += 1;
  }
}

/** It ends earlier now, and does not reach into a known window any more that it did before. */
function isOutOfWindow(site: SiteState, attempt: Attempt, heldUntilMs: number): boolean {
  const untilMs = holdsUntilMs(attempt);
  return site.horizons.some(({ atMs }) => untilMs <= atMs && atMs < heldUntilMs);
}

/** Who did not acknowledge the order before in time is not counted on any more. */
function noteSilence(state: EngineState, site: SiteState, attempt: Attempt): void {
  if (attempt.capInForce !== undefined && state.nowMs - attempt.workAtMs >= acknowledgeMs) {
    for (const node of attempt.capInForce.keys()) {
      site.silentNodes.add(node);
    }
  }
}

/** The cap that is wanted is in force on these nodes: what it takes off is free, and they are silent no more. */
export function capAcknowledged(state: EngineState, event: CapAcknowledged): void {
  const { job, attempt } = lookUp(state, event.attempt);
  if (event.capWatts !== attempt.capWatts) {
    return;
  }
  const nodes = event.nodes.length === 0 ? attempt.heldNodes : event.nodes;
  const inForce = new Map(attempt.capInForce);
  const site = siteOf(state, attempt);
  for (const node of nodes) {
    inForce.delete(node);
    site.silentNodes.delete(node);
  }
  attempt.capInForce = inForce.size === 0 ? undefined : inForce;
  refresh(site, nodes);
  recharge(state, job, attempt);
  state.releaseCount += 1;
}

/** The next attempt of its task goes on from here. */
export function attemptCheckpointed(state: EngineState, key: AttemptKey): void {
  const { job, attempt } = lookUp(state, key);
  attempt.isCheckpointed = true;
  const tries = job.tries?.get(attempt.task) ?? {
    attempts: attempt.attempt - 1,
    retriesUsed: 0,
    freeRetriesUsed: 0,
  };
  const added = workAddedMs(attempt, attempt.workAtMs, job);
  job.tries ??= new Map();
  job.tries.set(attempt.task, { ...tries, workDoneMs: (tries.workDoneMs ?? 0) + added });
  if (state.curtailments.paused.has(taskIdOf(attempt))) {
    // How long it will hold what is kept for it follows from what is left.
    keepReturnNodes(state);
  }
}

function siteOf(state: EngineState, attempt: Attempt): SiteState {
  return known(state.sites.get(attempt.placement.site), "site of a placement");
}

function refresh(site: SiteState, nodes: readonly number[]): void {
  for (const node of nodes) {
    refreshCut(site, node);
    refreshNode(site, node);
  }
}
