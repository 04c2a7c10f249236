import { refreshHorizons } from "../horizons.ts";
import { refreshNode } from "../ledger.ts";
import { forgetSleepers } from "../sleeping-nodes.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Reservation, SiteState } from "../../state/site-state.ts";

/**
 * Asks what promises would be, with other curtailments, budgets, flags of nodes or others' promises: what is asked
 * may announce, drop and promise on the state it is given. What sites hold is then as it was before.
 */
export function withPromisesUndone<T>(state: EngineState, ask: (trial: EngineState) => T): T {
  const undo = [...state.sites.values()].map((site) => remember(site, state.nowMs));
  const { curtailments } = state;
  const trial: EngineState = {
    ...state,
    lostPromises: new Map(state.lostPromises),
    curtailments: { ...curtailments, records: new Map(curtailments.records) },
  };
  try {
    return ask(trial);
  } finally {
    undo.forEach((back) => back());
  }
}

function remember(site: SiteState, nowMs: number): () => void {
  const { shedInVainAt } = site;
  const [now] = site.horizons;
  const curtailments = [...site.curtailments];
  const budgets = [...site.budgets];
  const { fileBudgets } = site;
  const nodeFlags = site.nodeFlags.slice();
  const startRooms = [...site.startRooms];
  const before = site.pools.map(({ reservations }) => reservations);
  return () => {
    forgetSleepers(site);
    const touched = new Set<number>();
    nodeFlags.forEach((flags, node) => {
      if (site.nodeFlags[node] !== flags) {
        site.nodeFlags[node] = flags;
        touched.add(node);
      }
    });
    site.pools.forEach((pool, at) => {
      const kept = before[at] ?? [];
      visitNodes(without(pool.reservations, kept), (node) => {
        site.reservationOfNode[node] = undefined;
        touched.add(node);
      });
      const lost = without(kept, pool.reservations);
      pool.reservations = kept;
      visitNodes(lost, (node, one) => {
        site.reservationOfNode[node] = one;
        touched.add(node);
      });
    });
    if (site.horizons[0] !== now || touched.size > 0) {
      site.curtailments.splice(0, site.curtailments.length, ...curtailments);
      site.budgets.splice(0, site.budgets.length, ...budgets);
      site.fileBudgets = fileBudgets;
      startRooms.forEach(([id, room]) => site.startRooms.set(id, room));
      refreshHorizons(site, nowMs);
      touched.forEach((node) => refreshNode(site, node));
      site.curtailments.splice(0, site.curtailments.length, ...curtailments);
      site.shedInVainAt = shedInVainAt;
    }
  };
}

function without(
  all: readonly Reservation[],
  others: readonly Reservation[],
): readonly Reservation[] {
  return all.filter((one) => !others.includes(one));
}

function visitNodes(
  reservations: readonly Reservation[],
  visit: (node: number, reservation: Reservation) => void,
): void {
  for (const one of reservations) {
    one.nodes.forEach((node) => visit(node, one));
  }
}
