import { type Instant, instant, type Watts, watts } from "@ertis/quantities";
import { domainOfColumn, visitAbove } from "../../state/columns.ts";
import { nodeAsleep, nodeOff, type Reservation, type SiteState } from "../../state/site-state.ts";
import { givesMoreFromMs } from "../../power/recovery.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { JobNumber } from "../../words/job-spec.ts";

/** Idle nodes that stay on because a job is promised a start on them. */
export interface ReservedNodes {
  readonly job: JobNumber;
  readonly start: Instant;
  readonly nodeCount: number;
  /** What they draw in the domain that is asked about: letting go of the promise frees it. */
  readonly holds: Watts;
}

interface Sleep {
  readonly mayGoOff: ReadonlySet<number>;
  /** The curtailments that nodes go off for. */
  readonly curtailments: readonly Curtailment[];
}

/**
 * Those of a column of the ledger that may not go off, by what they hold there. Where nodes may be on again before they
 * are due it is something else that keeps them on.
 */
export function reservedNodes(
  site: SiteState,
  column: number,
  { mayGoOff, curtailments }: Sleep,
): readonly ReservedNodes[] {
  const onFromMs = Math.max(...curtailments.map(givesMoreFromMs));
  const stays = (node: number): boolean => !mayGoOff.has(node);
  return site.pools
    .flatMap(({ reservations }) =>
      reservations
        .filter(({ wakeByMs }) => wakeByMs < onFromMs)
        .map((one) => heldBy(site, { ...one, nodes: one.nodes.filter(stays) }, column)),
    )
    .filter((one) => one.nodeCount > 0)
    .toSorted((a, b) => Number(b.holds) - Number(a.holds) || a.job - b.job);
}

function heldBy(site: SiteState, reservation: Reservation, column: number): ReservedNodes {
  let scaled = 0;
  let nodeCount = 0;
  for (const node of reservation.nodes) {
    const isUp = ((site.nodeFlags[node] ?? 0) & (nodeOff | nodeAsleep)) === 0;
    if (isUp && (site.gpusHeld[node] ?? 0) === 0) {
      visitAbove(site, node, site.nodeBounds[node]?.[0] ?? 0, (above, more) => {
        scaled += above === column ? more : 0;
        nodeCount += above === column ? 1 : 0;
      });
    }
  }
  const { loadScale = 1 } = site.site.domains[domainOfColumn(site, column)] ?? {};
  return {
    job: reservation.job,
    start: instant(reservation.startAtMs),
    nodeCount,
    holds: watts(Math.floor(scaled / loadScale)),
  };
}
