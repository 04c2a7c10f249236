import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { visitAbove } from "../state/columns.ts";
import { refreshHorizons } from "../power/horizons.ts";
import { refreshNode } from "../power/ledger.ts";
import { floorCap } from "../power/shedding/curves.ts";
import { isSwitchedOff } from "../power/promised-wakes.ts";
import { priorityOf } from "../state/job.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import { wakeByMs } from "../state/ramps.ts";
import { reservationIn } from "../state/reservations.ts";
import type { Reservation, SiteState } from "../state/site-state.ts";
import type { PowerBudget } from "../words/command.ts";
import type { Event, ReservationMade } from "../words/event.ts";
import type { JobNumber } from "../words/job-spec.ts";

export function budgetSet(state: EngineState, budget: PowerBudget): void {
  const old = state.budgets.get(budget.id);
  if (old !== undefined) {
    removeFromSite(state, old);
    // It may have stood at another site.
    refreshHorizons(known(state.sites.get(old.site), "site of a budget"), state.nowMs);
  }
  state.budgets.set(budget.id, budget);
  const site = known(state.sites.get(budget.site), "site of a budget");
  site.budgets.push(budget);
  refreshHorizons(site, state.nowMs);
  dropBrokenReservations(state, site);
  state.releaseCount += 1;
}

/** A lower ceiling may leave no room for what is kept: the next pass plans anew. */
export function dropBrokenReservations(
  state: EngineState,
  site: SiteState,
  fromMs: number = -Infinity,
): void {
  for (const reservation of site.pools.flatMap((pool) => pool.reservations)) {
    if (!isCarried(site, reservation, fromMs) && !isAwaited(site, reservation, state.nowMs)) {
      loseReservation(state, reservation);
    }
  }
}

/**
 * Others were lowered for it, and count at what they had until they answer: whether it can be had shows when it comes,
 * not by what else changes in these seconds.
 */
function isAwaited(
  { squeezed }: SiteState,
  { job, startAtMs }: Reservation,
  nowMs: number,
): boolean {
  return (
    squeezed?.job === job &&
    startAtMs > nowMs &&
    squeezed.attempts.some(({ capInForce }) => capInForce !== undefined)
  );
}

function isCarried(site: SiteState, reservation: Reservation, fromMs: number): boolean {
  const domains = domainsAbove(site, reservation.nodes);
  return site.horizons.every(
    (horizon) =>
      horizon.atMs < fromMs ||
      horizon.atMs < reservation.startAtMs ||
      horizon.atMs >= reservation.holdsUntilMs ||
      domains.every((domain) => (horizon.load[domain] ?? 0) <= (horizon.ceiling[domain] ?? 0)),
  );
}

function domainsAbove(site: SiteState, nodes: readonly number[]): readonly number[] {
  const domains = new Set<number>();
  for (const node of nodes) {
    visitAbove(site, node, 0, (column) => domains.add(column));
  }
  return [...domains];
}

export function budgetRemoved(state: EngineState, ids: readonly string[]): void {
  for (const id of ids) {
    const budget = known(state.budgets.get(id), `budget ${id}`);
    state.budgets.delete(id);
    removeFromSite(state, budget);
    refreshHorizons(known(state.sites.get(budget.site), "site of a budget"), state.nowMs);
  }
  state.releaseCount += 1;
}

function removeFromSite(state: EngineState, budget: PowerBudget): void {
  const { budgets } = known(state.sites.get(budget.site), "site of a budget");
  budgets.splice(budgets.indexOf(budget), 1);
}

export function reservationMade(state: EngineState, event: ReservationMade): void {
  const site = known(state.sites.get(event.site), "site of a reservation");
  const pool = known(
    site.pools.find((one) => one.gpuModel === event.gpuModel),
    "pool of a reservation",
  );
  const job = known(state.jobs.get(event.job), "job of a reservation");
  const { spec } = job;
  const startAtMs = toNumber(event.startAt);
  for (const one of pool.reservations) {
    if (event.isBeside !== true || one.job === event.job) {
      dropReservation(state, one);
    }
  }
  const reservation: Reservation = {
    job: event.job,
    priority: priorityOf(job),
    pool,
    startAtMs,
    holdsUntilMs:
      event.holdsUntil === undefined
        ? startAtMs + toNumber(spec.walltime) + stopGraceMs
        : toNumber(event.holdsUntil),
    nodes: event.nodes,
    gpusPerNode: spec.gpusPerNode,
    capWatts: event.capWatts ?? 0,
    floorCapWatts: floorCap(pool, spec),
    isByStops: event.isByStops === true,
    isLifted: false,
    wakeByMs: wakeByMs(state.ramps.get(event.site), startAtMs),
    nodesOffCount: event.nodes.filter((node) => isSwitchedOff(site.nodeFlags[node] ?? 0)).length,
  };
  pool.reservations = [...pool.reservations, reservation];
  for (const node of event.nodes) {
    site.reservationOfNode[node] = reservation;
  }
  refreshHorizons(site, state.nowMs);
  refreshNodes(reservation);
  state.lostPromises.delete(event.job);
}

export function reservationDropped(
  state: EngineState,
  { job, isOverQuota }: Extract<Event, { readonly kind: "reservation-dropped" }>,
): void {
  if (isOverQuota === true) {
    dropReservationOf(state, job);
    return;
  }
  for (const reservation of reservationsOf(state, job)) {
    loseReservation(state, reservation);
  }
}

/** Lets go of what is kept for a job, wherever that is, and for good. */
export function dropReservationOf(state: EngineState, job: JobNumber): void {
  for (const reservation of reservationsOf(state, job)) {
    dropReservation(state, reservation);
  }
  state.lostPromises.delete(job);
}

function reservationsOf(state: EngineState, job: JobNumber): readonly Reservation[] {
  return [...state.sites.values()].flatMap(({ pools }) =>
    pools.flatMap((pool) => reservationIn(pool, job) ?? []),
  );
}

/** It cannot be kept as it is: what was promised is remembered, and promised again where that is possible. */
export function loseReservation(state: EngineState, reservation: Reservation): void {
  dropReservation(state, reservation);
  noteLost(state, reservation);
}

export function noteLost(
  state: EngineState,
  { job, pool, startAtMs, holdsUntilMs, nodes, capWatts }: Reservation,
): void {
  const site = pool.site.site.id;
  const { gpuModel } = pool;
  const nodeCount = nodes.length;
  state.lostPromises.set(job, { site, gpuModel, startAtMs, holdsUntilMs, nodeCount, capWatts });
}

function dropReservation(state: EngineState, reservation: Reservation): void {
  const { pool } = reservation;
  const { site } = pool;
  pool.reservations = pool.reservations.filter((one) => one !== reservation);
  for (const node of reservation.nodes) {
    site.reservationOfNode[node] = undefined;
  }
  refreshNodes(reservation);
  refreshHorizons(site, state.nowMs);
  state.releaseCount += 1;
}

function refreshNodes(reservation: Reservation): void {
  for (const node of reservation.nodes) {
    refreshNode(reservation.pool.site, node);
  }
}
