import { guaranteeShare, isWithinGuarantee } from "@ertis/power-planning";
import { fullHolding } from "../../placement/quota.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { type AccountState, findAccount, forEachAbove } from "../../state/shares.ts";
import { type HeldByOthers, heldByOthers } from "./held-by-others.ts";

/** A job's account has less than it is guaranteed. */
export interface OpenGuarantee {
  readonly account: string;
  readonly heldGpuCount: number;
  readonly guaranteedGpuCount: number;
  /** Who holds most beyond its own guarantee; undefined: nobody does. */
  readonly borrower: { readonly account: string; readonly gpuCount: number } | undefined;
  /** Whom it may be had back from; undefined: the job asks for more than is left of it, so that nobody is stopped for it. */
  readonly others: HeldByOthers | undefined;
}

/** Why a guarantee does not start a job: with whom it is out, and why it cannot be had back. Undefined: none is open. */
export function openGuarantee(state: EngineState, job: Job): OpenGuarantee | undefined {
  const { shares } = state;
  if (shares.declared.length === 0) {
    return undefined;
  }
  const need = fullHolding(state, job);
  const above = new Set<AccountState>();
  let within: AccountState | undefined;
  let open: AccountState | undefined;
  forEachAbove(shares, findAccount(shares, job.owner, job.spec.project), (account) => {
    above.add(account);
    const { held, quota } = account;
    if (quota !== undefined) {
      within ??= isWithinGuarantee(held, need, quota) ? account : undefined;
      open ??= guaranteeShare(held, quota) === undefined ? undefined : account;
    }
  });
  const own = within ?? open;
  if (own?.quota === undefined) {
    return undefined;
  }
  const borrower = shares.accounts
    .filter((one) => !above.has(one) && borrowedBy(one) > 0)
    .toSorted((a, b) => borrowedBy(b) - borrowedBy(a) || (a.id < b.id ? -1 : 1))[0];
  return {
    account: own.id,
    heldGpuCount: own.held.gpuCount,
    guaranteedGpuCount: own.quota.guaranteed.gpuCount,
    borrower: borrower && { account: borrower.id, gpuCount: borrowedBy(borrower) },
    others: within === undefined ? undefined : heldByOthers(state, job, own),
  };
}

/** Below a tenant without a quota of its own, what is held is the tenant's matter. */
function borrowedBy({ parent, held, quota }: AccountState): number {
  const isTold = quota !== undefined || parent === 0;
  return isTold ? Math.max(0, held.gpuCount - (quota?.guaranteed.gpuCount ?? 0)) : 0;
}
