import { toNumber, watts } from "@ertis/quantities";
import { parseSite, type ParseSiteResult } from "@ertis/site-model";
import { refreshHorizons } from "../power/horizons.ts";
import { isSwitchedOff } from "../power/promised-wakes.ts";
import { recallMeasured } from "../power/stale-meters.ts";
import { refreshNode } from "../power/ledger.ts";
import { floorCap } from "../power/shedding/curves.ts";
import { assert, known } from "../state/assert.ts";
import { type Curtailments, drawKey } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import { activeAttempts, type Attempt } from "../state/job.ts";
import { createSiteRamps, takeOverRamps, wakeByMs } from "../state/ramps.ts";
import { createSiteState } from "../state/create-site-state.ts";
import type { SiteState } from "../state/site-state.ts";
import type { RegisterSite } from "../words/command.ts";
import type { Event } from "../words/event.ts";
import { hold, learnCurve } from "./hold-nodes.ts";
import { keepReturnNodes } from "./paused-tasks.ts";
import { dropBrokenReservations, noteLost } from "./power.ts";
import { countHoldings, settle } from "./shares.ts";

type Registration = Omit<RegisterSite, "kind" | "at">;

/** Parses a registration's text; the last good answer is kept, for the `apply` that follows. */
export function parseRegistration(
  state: EngineState,
  registration: Registration,
  wasAccepted = false,
): ParseSiteResult {
  const { text, phases, file } = registration;
  if (state.parsedSite?.text === text && state.parsedSite.phases === phases) {
    return { kind: "site", site: state.parsedSite.site };
  }
  const result = parseSite({ file, text, phases, wasAccepted });
  if (result.kind === "site") {
    state.parsedSite = { text, phases, site: result.site };
  }
  return result;
}

/** A new site, or an edited one that takes over everything that stands on the old. */
export function siteRegistered(
  state: EngineState,
  event: Extract<Event, { readonly kind: "site-registered" }>,
): void {
  const result = parseRegistration(state, event.registration, true);
  if (result.kind === "errors") {
    throw new Error(
      `the site ${event.registration.site} of the log no longer parses: ${result.errors[0]?.message ?? ""}`,
    );
  }
  const old = state.sites.get(result.site.id);
  const fresh = createSiteState(result.site, event.registration);
  if (old !== undefined) {
    takeOver(old, fresh);
    fresh.leftAtMs.fill(state.nowMs);
    moveAttempts(state, old, fresh);
    moveCurtailed(state.curtailments, old, fresh);
  }
  renewRamps(state, old, fresh);
  if (old !== undefined) {
    moveReservations(state, old, fresh);
  }
  state.sites.set(result.site.id, fresh);
  keepReturnNodes(state);
  recallMeasured(state, fresh);
  refreshHorizons(fresh, state.nowMs);
  for (let node = 0; node < fresh.nodeFlags.length; node += 1) {
    refreshNode(fresh, node);
  }
  state.sitesVersion += 1;
  countHoldings(state);
  dropBrokenReservations(state, fresh);
  state.releaseCount += 1;
}

function renewRamps(state: EngineState, old: SiteState | undefined, fresh: SiteState): void {
  const { id } = fresh.site;
  const before = state.ramps.get(id);
  const ramps = createSiteRamps(fresh);
  if (ramps === undefined) {
    state.ramps.delete(id);
    return;
  }
  if (old !== undefined && before !== undefined) {
    takeOverRamps(old, before, fresh, ramps);
  }
  state.ramps.set(id, ramps);
}

/** Whether somebody answers for a site. */
export function siteConnection(state: EngineState, id: string, isBack: boolean): void {
  const site = known(state.sites.get(id), `site ${id}`);
  site.awaySinceMs = isBack ? undefined : state.nowMs;
  // It could not hear of wakes meanwhile, nor answer them.
  for (const node of isBack ? site.wakeAskedAtMs.keys() : []) {
    site.wakeAskedAtMs.set(node, state.nowMs);
  }
  state.releaseCount += 1;
}

function takeOver(old: SiteState, fresh: SiteState): void {
  fresh.budgets.push(...old.budgets);
  fresh.curtailments.push(...old.curtailments);
  for (const [domain, lost] of old.lostSupplies) {
    const to = fresh.domainIndexById.get(old.site.domains[domain]?.id ?? "");
    if (to !== undefined) {
      fresh.lostSupplies.set(to, lost);
    }
  }
  fresh.awaySinceMs = old.awaySinceMs;
  old.site.nodes.forEach((node, from) => {
    const to = fresh.nodeIndexById.get(node.id);
    if (to === undefined) {
      return;
    }
    if (old.silentNodes.has(from)) {
      fresh.silentNodes.add(to);
    }
    const sleepAskedAtMs = old.sleepAskedAtMs.get(from);
    if (sleepAskedAtMs !== undefined) {
      fresh.sleepAskedAtMs.set(to, sleepAskedAtMs);
    }
    const wakeAskedAtMs = old.wakeAskedAtMs.get(from);
    if (wakeAskedAtMs !== undefined) {
      fresh.wakeAskedAtMs.set(to, wakeAskedAtMs);
    }
    if (old.unwoken.has(from)) {
      fresh.unwoken.add(to);
    }
    const turnedAtMs = old.turnedAtMs.get(from);
    if (turnedAtMs !== undefined) {
      fresh.turnedAtMs.set(to, turnedAtMs);
    }
    fresh.nodeFlags[to] = old.nodeFlags[from] ?? 0;
    const drain = old.drains.get(from);
    const note = old.notes.get(from);
    if (drain !== undefined) {
      fresh.drains.set(to, drain);
    }
    if (note !== undefined) {
      fresh.notes.set(to, note);
    }
  });
}

/** Attempts name nodes by position; an edit may move them, or take away nodes of finished ones. */
function moveAttempts(state: EngineState, old: SiteState, fresh: SiteState): void {
  for (const job of state.jobs.after(0)) {
    for (const attempt of activeAttempts(job)) {
      if (attempt.placement.site === fresh.site.id) {
        settle(state, attempt);
        moveAttempt(attempt, old, fresh);
        learnCurve(fresh, attempt, job);
        hold(fresh, attempt);
      }
    }
    for (const attempt of job.history) {
      if (attempt.placement.site === fresh.site.id) {
        moveAttempt(attempt, old, fresh);
      }
    }
  }
}

/** Promised starts stay where an edit leaves their nodes as they were; whether they still fit is seen after it. */
function moveReservations(state: EngineState, old: SiteState, fresh: SiteState): void {
  for (const before of old.pools.flatMap((pool) => pool.reservations)) {
    const pool = fresh.pools.find(({ gpuModel }) => gpuModel === before.pool.gpuModel);
    const nodes = before.nodes
      .flatMap((node) => fresh.nodeIndexById.get(old.site.nodes[node]?.id ?? "") ?? [])
      .filter((node) => fresh.nodePool[node] === pool && isWhole(fresh, node, before.gpusPerNode))
      .toSorted((a, b) => a - b);
    if (pool === undefined || nodes.length < before.nodes.length) {
      noteLost(state, before);
      continue;
    }
    const { spec } = known(state.jobs.get(before.job), "job of a reservation");
    const moved = {
      ...before,
      pool,
      nodes,
      floorCapWatts: floorCap(pool, spec),
      wakeByMs: wakeByMs(state.ramps.get(fresh.site.id), before.startAtMs),
    };
    pool.reservations = [...pool.reservations, moved];
    for (const node of nodes) {
      fresh.reservationOfNode[node] = moved;
    }
  }
}

function isWhole({ nodeFlags, nodeGpuCount }: SiteState, node: number, gpuCount: number): boolean {
  const flags = nodeFlags[node] ?? 0;
  return (flags === 0 || isSwitchedOff(flags)) && (nodeGpuCount[node] ?? 0) >= gpuCount;
}

/** Paused gangs name their nodes by position, too; of domains that are gone no draw is kept. */
function moveCurtailed(
  { paused, draws, records }: Curtailments,
  old: SiteState,
  fresh: SiteState,
): void {
  const moved = (nodes: readonly number[]): number[] =>
    nodes.flatMap((node) => fresh.nodeIndexById.get(old.site.nodes[node]?.id ?? "") ?? []);
  for (const record of records.values()) {
    if (record.curtailment.site === fresh.site.id) {
      record.sleepers = moved(record.sleepers);
    }
  }
  for (const [id, one] of paused) {
    if (one.site === fresh.site.id) {
      paused.set(id, { ...one, nodes: moved(one.nodes).toSorted((a, b) => a - b) });
    }
  }
  for (const domain of old.site.domains) {
    if (!fresh.domainIndexById.has(domain.id)) {
      draws.delete(drawKey(old, domain.index));
    }
  }
}

function moveAttempt(attempt: Attempt, old: SiteState, fresh: SiteState): void {
  const newPosition = (node: number): number =>
    fresh.nodeIndexById.get(old.site.nodes[node]?.id ?? "") ?? -1;
  const moved = attempt.placement.nodes
    .map((node, index) => ({
      node: newPosition(node),
      mask: attempt.placement.gpuMasks[index] ?? 0,
    }))
    .filter((one) => one.node >= 0)
    .toSorted((a, b) => a.node - b.node);
  attempt.heldNodes = attempt.heldNodes.map(newPosition).toSorted((a, b) => a - b);
  if (attempt.capInForce !== undefined) {
    attempt.capInForce = new Map(
      [...attempt.capInForce].map(([node, cap]) => [newPosition(node), cap]),
    );
  }
  assert(
    attempt.heldNodes.every((node) => node >= 0),
    "an edited site keeps the nodes that attempts hold",
  );
  const { nodes, powerReserved } = attempt.placement;
  const leftPart = moved.length / Math.max(1, nodes.length);
  attempt.placement = {
    ...attempt.placement,
    nodes: moved.map((one) => one.node),
    gpuMasks: moved.map((one) => one.mask),
    // What it holds is an even part of it for each of its nodes (`holdingOf`).
    powerReserved: watts(Math.floor(toNumber(powerReserved) * leftPart)),
  };
}
