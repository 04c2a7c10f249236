import { addHolding, type Holding, noHolding } from "@ertis/power-planning";
import { freshWatts } from "../power/ledger.ts";
import type { EngineState } from "../state/engine-state.ts";
import { known } from "../state/assert.ts";
import type { Job } from "../state/job.ts";
import { type AccountState, findAccount, forEachAbove, type Shares } from "../state/shares.ts";
import type { Reservation, SiteState } from "../state/site-state.ts";

export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What starts promised below an account will hold. */
export interface Kept {
  readonly holding: Holding;
  /** When the first of them begins. */
  readonly firstMs: number;
}

const nothingKept: Kept = { holding: noHolding, firstMs: Infinity };

/**
 * The accounts above a job, from its user upward, below which starts are promised to others that will
 * run at some moment of a time, each with what all of these will hold. The job may be one that is only asked about.
 */
export function forEachPromised(
  state: EngineState,
  job: Job,
  span: Span,
  visit: (account: AccountState, kept: Kept, at: number) => void,
): void {
  const { shares } = state;
  if (shares.declared.length === 0) {
    return;
  }
  const keptBelow = new Map<number, Kept>();
  for (const site of state.sites.values()) {
    for (const { reservations } of site.pools) {
      for (const one of reservations) {
        if (
          one.job !== job.number &&
          one.startAtMs < span.untilMs &&
          one.holdsUntilMs > span.fromMs
        ) {
          const promised = promisedHolding(site, one);
          const other = known(state.jobs.get(one.job), "job of a promised start");
          forEachAbove(shares, accountOf(shares, other), (_, at) => {
            const { holding, firstMs } = keptBelow.get(at) ?? nothingKept;
            keptBelow.set(at, {
              holding: addHolding(holding, promised),
              firstMs: Math.min(firstMs, one.startAtMs),
            });
          });
        }
      }
    }
  }
  if (keptBelow.size > 0) {
    forEachAbove(shares, accountOf(shares, job), (account, at) => {
      const kept = keptBelow.get(at);
      if (kept !== undefined) {
        visit(account, kept, at);
      }
    });
  }
}

function accountOf(shares: Shares, { owner, spec }: Pick<Job, "owner" | "spec">): number {
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
