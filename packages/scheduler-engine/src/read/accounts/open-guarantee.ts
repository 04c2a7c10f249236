import { isWithinGuarantee } from "@ertis/power-planning";
import { fullHolding } from "../../placement/quota.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { type AccountState, findAccount, forEachAbove } from "../../state/shares.ts";

/** A job is within its account's guarantee, and others hold more than theirs. */
export interface OpenGuarantee {
  readonly account: string;
  readonly heldGpuCount: number;
  readonly guaranteedGpuCount: number;
  /** Who holds most beyond its own guarantee. */
  readonly borrower: string;
  readonly borrowedGpuCount: number;
  /** Of those, as many as jobs hold that may be stopped. */
  readonly stoppableGpuCount: number;
}

/** Why a guarantee does not start a job: with whom it is out. Undefined: it has none, or nobody has borrowed. */
export function openGuarantee(state: EngineState, job: Job): OpenGuarantee | undefined {
  const { shares } = state;
  if (shares.declared.length === 0) {
    return undefined;
  }
  const need = fullHolding(state, job);
  const above = new Set<AccountState>();
  let own: AccountState | undefined;
  forEachAbove(shares, findAccount(shares, job.owner, job.spec.project), (account) => {
    above.add(account);
    const { held, quota } = account;
    own ??= quota !== undefined && isWithinGuarantee(held, need, quota) ? account : undefined;
  });
  const borrower = shares.accounts
    .filter((one) => !above.has(one) && borrowedBy(one) > 0)
    .toSorted((a, b) => borrowedBy(b) - borrowedBy(a) || (a.id < b.id ? -1 : 1))[0];
  return own?.quota === undefined || borrower === undefined
    ? undefined
    : {
        account: own.id,
        heldGpuCount: own.held.gpuCount,
        guaranteedGpuCount: own.quota.guaranteed.gpuCount,
        borrower: borrower.id,
        borrowedGpuCount: borrowedBy(borrower),
        stoppableGpuCount: Math.min(borrowedBy(borrower), stoppableGpuCount(state, borrower)),
      };
}

/** Below a tenant without a quota of its own, what is held is the tenant's matter. */
function borrowedBy({ parent, held, quota }: AccountState): number {
  const isTold = quota !== undefined || parent === 0;
  return isTold ? Math.max(0, held.gpuCount - (quota?.guaranteed.gpuCount ?? 0)) : 0;
}

function stoppableGpuCount(state: EngineState, borrower: AccountState): number {
  let gpuCount = 0;
  for (const site of state.stoppable.values()) {
    for (const group of site.groups()) {
      for (const { attempt, account: at } of group) {
        forEachAbove(state.shares, at, (account) => {
          gpuCount += account === borrower ? attempt.held.gpuCount : 0;
        });
      }
    }
  }
  return gpuCount;
}
