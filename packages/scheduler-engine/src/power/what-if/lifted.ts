import type { Reservation } from "../../state/site-state.ts";
import { refreshNode } from "../ledger.ts";

/**
 * Asks a question as if reservations were not there, and puts them back whatever happens: what is
 * kept for a job must never get lost because somebody looked.
 */
export function withLifted<T>(reservations: readonly Reservation[], ask: () => T): T {
  const lifted: Reservation[] = [];
  try {
    for (const reservation of reservations) {
      if (!reservation.isLifted) {
        lifted.push(reservation);
        setLifted(reservation, true);
      }
    }
    return ask();
  } finally {
    for (const reservation of lifted) {
      setLifted(reservation, false);
    }
  }
}

function setLifted(reservation: Reservation, isLifted: boolean): void {
  reservation.isLifted = isLifted;
  for (const node of reservation.nodes) {
    refreshNode(reservation.pool.site, node);
  }
}
