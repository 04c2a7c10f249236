import { addHolding, type Holding, noHolding } from "@ertis/power-planning";
import { freshWatts } from "../power/ledger.ts";
import type { EngineState } from "../state/engine-state.ts";
import { known } from "../state/assert.ts";
import { type AccountState, findAccount, forEachAbove } from "../state/shares.ts";
import type { Reservation, SiteState } from "../state/site-state.ts";
import type { JobNumber } from "../words/job-spec.ts";

export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * The accounts above a job, from its user upward, below which starts are promised to others that will
 * run at some moment of a time, each with what all of these will hold.
 */
export function forEachPromised(
  state: EngineState,
  job: JobNumber,
  span: Span,
  visit: (account: AccountState, kept: Holding) => void,
): void {
  const { shares } = state;
  if (shares.declared.length === 0) {
    return;
  }
  const keptBelow = new Map<number, Holding>();
  for (const site of state.sites.values()) {
    for (const { reservations } of site.pools) {
      for (const one of reservations) {
        if (one.job !== job && one.startAtMs < span.untilMs && one.holdsUntilMs > span.fromMs) {
          const promised = promisedHolding(site, one);
          forEachAbove(shares, accountOf(state, one.job), (_, at) => {
            keptBelow.set(at, addHolding(keptBelow.get(at) ?? noHolding, promised));
          });
        }
      }
    }
  }
  if (keptBelow.size > 0) {
    forEachAbove(shares, accountOf(state, job), (account, at) => {
      const kept = keptBelow.get(at);
      if (kept !== undefined) {
        visit(account, kept);
      }
    });
  }
}

function accountOf({ jobs, shares }: EngineState, number: JobNumber): number {
  const { owner, spec } = known(jobs.get(number), "job of a promised start");
  return findAccount(shares, owner, spec.project);
}

/** What a gang will hold when it starts on nodes on which nothing else runs. */
export function promisedHolding(
  site: SiteState,
  { nodes, gpusPerNode, capWatts }: Pick<Reservation, "nodes" | "gpusPerNode" | "capWatts">,
): Holding {
  const more = { gpusPerNode, capWatts };
  const startWatts = nodes.reduce((sum, node) => sum + freshWatts(site, node, more), 0);
  return {
    gpuCount: nodes.length * gpusPerNode,
    reservedWatts: startWatts,
    admittedWatts: startWatts,
  };
}
