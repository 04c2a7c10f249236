import type { IdleNode } from "@ertis/power-planning";
import { switchOffMs, wakeMs } from "../../limits.ts";
import { known } from "../../state/assert.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { nodeAsleep, nodeOff, type SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { visitAbove } from "../../state/columns.ts";
import { isSwitchedOff } from "../promised-wakes.ts";
import { givesMoreFromMs } from "../recovery.ts";
import { keptByPaused } from "./sleepers.ts";

/** What nodes go off for. */
export interface Sleep {
  /** By domain, 1 where idle nodes go off for its sake. */
  readonly areNodesShed: Uint8Array;
  readonly untilMsOf: OffUntil;
  /** When they are to be off: a promised start that has let go of them by then keeps none on; absent: now. */
  readonly fromMs?: number;
  /** Paused tasks whose nodes may go off; absent: none. */
  readonly isUnkept?: (paused: PausedTask) => boolean;
}

/** From when on a node may be on again. */
export type OffUntil = (node: number) => number;

/**
 * When some curtailments let nodes below them that are off come back: one elsewhere keeps no node off. A lost supply is
 * back nobody knows when; but what is promised has its room in what is left of the supply, so that its nodes may be on
 * whenever they are due.
 */
export function offUntil(
  { nowMs }: EngineState,
  site: SiteState,
  curtailments: readonly Curtailment[],
): OffUntil {
  const worthMs = site.lostSupplies.size > 0 ? switchOffMs + wakeMs : 0;
  const untilMs = new Float64Array(site.parent.length).fill(nowMs + worthMs);
  for (const one of curtailments) {
    const top = known(site.domainIndexById.get(one.domain), "domain of a curtailment");
    untilMs[top] = Math.max(untilMs[top] ?? 0, givesMoreFromMs(one));
  }
  // Children stand after their parents.
  for (let domain = 1; domain < untilMs.length; domain += 1) {
    untilMs[domain] = Math.max(untilMs[domain] ?? 0, untilMs[site.parent[domain] ?? 0] ?? 0);
  }
  return (node) => untilMs[site.nodeDomain[node] ?? 0] ?? nowMs;
}

/**
 * Nodes that are on and held by nobody, no paused task either, unless told of whom. Those that are kept for a promised start go
 * off only where they are back in time for it.
 */
export function idleNodesOf(
  state: EngineState,
  site: SiteState,
  { areNodesShed, untilMsOf, fromMs, isUnkept }: Sleep,
): readonly IdleNode[] {
  if (!areNodesShed.includes(1)) {
    return [];
  }
  const found: IdleNode[] = [];
  const kept = keptByPaused(state, site, isUnkept);
  for (let node = 0; node < site.nodeFlags.length; node += 1) {
    const isOn = ((site.nodeFlags[node] ?? 0) & (nodeOff | nodeAsleep)) === 0;
    const isHeld = (site.gpusHeld[node] ?? 0) > 0 || kept.has(node);
    if (isOn && !isHeld && !isPromised(site, node, { fromMs, untilMs: untilMsOf(node) })) {
      found.push(idleNode(site, node, fromMs));
    }
  }
  return found;
}

interface OffTime {
  readonly fromMs: number | undefined;
  readonly untilMs: number;
}

/** Is it kept for a start for which it has to be on within a time? */
function isPromised(
  { reservationOfNode }: SiteState,
  node: number,
  { fromMs = -Infinity, untilMs }: OffTime,
): boolean {
  const reservation = reservationOfNode[node];
  return (
    reservation !== undefined && reservation.wakeByMs < untilMs && reservation.holdsUntilMs > fromMs
  );
}

/** Takes from rooms what nodes that are off will draw sooner than they may be on again, for starts that are promised. */
export function subtractWakes(
  site: SiteState,
  { fromMs, untilMsOf }: Pick<Sleep, "fromMs" | "untilMsOf">,
  roomScaled: Float64Array,
): void {
  for (const { nodes, nodesOffCount } of site.pools.flatMap((pool) => pool.reservations)) {
    for (const node of nodesOffCount > 0 ? nodes : []) {
      if (
        isSwitchedOff(site.nodeFlags[node] ?? 0) &&
        isPromised(site, node, { fromMs, untilMs: untilMsOf(node) })
      ) {
        const idleWatts = known(site.nodeBounds[node], "bounds of a node")[0] ?? 0;
        visitAbove(site, node, idleWatts, (column, scaled) => {
          roomScaled[column] = (roomScaled[column] ?? 0) - scaled;
        });
      }
    }
  }
}

function idleNode(site: SiteState, node: number, fromMs: number | undefined): IdleNode {
  const domains: number[] = [];
  const watts: number[] = [];
  visitAbove(site, node, site.nodeBounds[node]?.[0] ?? 0, (column, scaled) => {
    domains.push(column);
    watts.push(scaled);
  });
  return {
    id: node,
    domains: Int32Array.from(domains),
    wattsScaled: Float64Array.from(watts),
    ...(isPromised(site, node, { fromMs, untilMs: Infinity }) ? { isPromised: true } : {}),
  };
}
