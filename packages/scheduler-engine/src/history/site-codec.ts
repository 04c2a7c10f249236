import { instant } from "@ertis/quantities";
import { applyEvent } from "../apply/apply.ts";
import { refreshNode } from "../power/ledger.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Drain, NodeNote, SiteState } from "../state/site-state.ts";
import type { RegisterSite } from "../words/command.ts";
import type { ReservationMade } from "../words/event.ts";

/** A site as a snapshot keeps it. */
export interface SiteChunk {
  readonly kind: "site";
  readonly registration: Omit<RegisterSite, "kind" | "at">;
  readonly revision: string;
  readonly awaySinceMs?: number;
  readonly flags: readonly (readonly [node: number, flags: number])[];
  readonly drains: readonly (readonly [node: number, drain: Drain])[];
  readonly notes: readonly (readonly [node: number, note: NodeNote])[];
  readonly reservations: readonly ReservationMade[];
}

export function encodeSite(site: SiteState): SiteChunk {
  const flags: [number, number][] = [];
  site.nodeFlags.forEach((value, node) => {
    if (value !== 0) {
      flags.push([node, value]);
    }
  });
  return {
    kind: "site",
    registration: site.registration,
    revision: site.site.revision,
    ...(site.awaySinceMs === undefined ? {} : { awaySinceMs: site.awaySinceMs }),
    flags,
    drains: [...site.drains].toSorted(([a], [b]) => a - b),
    notes: [...site.notes].toSorted(([a], [b]) => a - b),
    reservations: site.pools.flatMap((pool) =>
      pool.reservations.map((one, at): ReservationMade => ({
        kind: "reservation-made",
        job: one.job,
        site: site.site.id,
        gpuModel: pool.gpuModel,
        startAt: instant(one.startAtMs),
        nodes: one.nodes,
        ...(one.capWatts === 0 ? {} : { capWatts: one.capWatts }),
        // Not the walltime for everybody: whoever was preempted has less left to do.
        holdsUntil: instant(one.holdsUntilMs),
        ...(at === 0 ? {} : { isBeside: true }),
        ...(one.isByStops ? { isByStops: true } : {}),
      })),
    ),
  };
}

/** All but its reservations: they are of jobs, which come later. */
export function decodeSite(state: EngineState, chunk: SiteChunk): void {
  const { registration, revision } = chunk;
  applyEvent(state, { kind: "site-registered", registration, revision });
  const site = known(state.sites.get(registration.site), "site of a snapshot");
  site.awaySinceMs = chunk.awaySinceMs;
  for (const [node, drain] of chunk.drains) {
    site.drains.set(node, { ...drain });
  }
  for (const [node, note] of chunk.notes) {
    site.notes.set(node, note);
  }
  for (const [node, flags] of chunk.flags) {
    site.nodeFlags[node] = flags;
    refreshNode(site, node);
  }
}
