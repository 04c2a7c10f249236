import { parseSite, type ParseSiteResult } from "@ertis/site-model";
import { refreshHorizons } from "../power/horizons.ts";
import { refreshNode } from "../power/ledger.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Attempt } from "../state/job.ts";
import { createSiteState, type SiteState } from "../state/site-state.ts";
import type { RegisterSite } from "../words/command.ts";
import type { Event } from "../words/event.ts";
import { hold } from "./attempts.ts";
import { dropReservationOf } from "./power.ts";

type Registration = Omit<RegisterSite, "kind" | "at">;

/** Parses a registration's text; the last good answer is kept, for the `apply` that follows. */
export function parseRegistration(state: EngineState, registration: Registration): ParseSiteResult {
  const { text, phases, file } = registration;
  if (state.parsedSite?.text === text && state.parsedSite.phases === phases) {
    return { kind: "site", site: state.parsedSite.site };
  }
  const result = parseSite({ file, text, phases });
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
  const result = parseRegistration(state, event.registration);
  if (result.kind === "errors") {
    throw new Error(
      `the site ${event.registration.site} of the log no longer parses: ${result.errors[0]?.message ?? ""}`,
    );
  }
  const old = state.sites.get(result.site.id);
  if (old !== undefined) {
    for (const pool of old.pools) {
      if (pool.reservation !== undefined) {
        dropReservationOf(state, pool.reservation.job);
      }
    }
  }
  const fresh = createSiteState(result.site, event.registration);
  if (old !== undefined) {
    takeOver(old, fresh);
  }
  state.sites.set(result.site.id, fresh);
  refreshHorizons(fresh, state.nowMs);
  for (let node = 0; node < fresh.nodeFlags.length; node += 1) {
    refreshNode(fresh, node);
  }
  state.sitesVersion += 1;
  state.releaseCount += 1;
}

function takeOver(old: SiteState, fresh: SiteState): void {
  fresh.budgets.push(...old.budgets);
  const attempts = new Set<Attempt>();
  old.site.nodes.forEach((node, from) => {
    const to = fresh.nodeIndexById.get(node.id);
    if (to === undefined) {
      return;
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
    for (const attempt of old.attemptsOnNode[from] ?? []) {
      attempts.add(attempt);
    }
  });
  const move = (node: number): number =>
    known(
      fresh.nodeIndexById.get(old.site.nodes[node]?.id ?? ""),
      "node of a running attempt in the edited site",
    );
  for (const attempt of attempts) {
    const held = new Set(attempt.heldNodes);
    const kept = attempt.placement.nodes
      .map((node, index) => ({ node, mask: attempt.placement.gpuMasks[index] ?? 0 }))
      .filter((one) => held.has(one.node));
    attempt.placement = {
      ...attempt.placement,
      nodes: kept.map((one) => move(one.node)),
      gpuMasks: kept.map((one) => one.mask),
    };
    attempt.heldNodes = attempt.placement.nodes;
    hold(fresh, attempt);
  }
}
