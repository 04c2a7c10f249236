import { noHolding, quotaExcess } from "@ertis/power-planning";
import { recountHoldings } from "../../apply/shares.ts";
import { smallestHolding } from "../../placement/quota.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { isEligible, isFinished } from "../../state/job.ts";
import { accountFor, createShares, findAccount, forEachAbove } from "../../state/shares.ts";
import type { Account } from "../../words/account.ts";

/** An account whose quota is short for what it has. */
export interface AccountOver {
  readonly id: string;
  readonly gpuHeldCount: number;
  /** Infinity: no bound. */
  readonly gpuCountMax: number;
  readonly reservedWatts: number;
  /** Infinity: no bound. */
  readonly wattsMax: number;
  /** Jobs that could start but for it and need more than is left. An array counts once. */
  readonly waitingCount: number;
  /** Those of them that need more than it may ever hold. */
  readonly neverCount: number;
}

/**
 * Accounts that would hold more than they may if these were the accounts, and those with waiting jobs that
 * would need more than they may ever hold. In order of id. Changes nothing.
 */
export function accountsOver(
  state: EngineState,
  accounts: readonly Account[],
): readonly AccountOver[] {
  const shares = createShares(accounts);
  const wished: EngineState = { ...state, shares };
  const live = [...state.jobs.after(0)].filter(
    (job) => !isFinished(job) || job.active !== undefined,
  );
  for (const job of live) {
    accountFor(shares, job.owner, job.spec.project);
  }
  recountHoldings(wished);
  const counts = new Map<number, { waiting: number; never: number }>();
  for (const job of live.filter((one) => one.pending.length > 0 && isEligible(one))) {
    const least = smallestHolding(wished, job);
    const from = findAccount(shares, job.owner, job.spec.project);
    forEachAbove(shares, from, ({ quota, held }, at) => {
      if (quota === undefined || quotaExcess(held, least, quota) === undefined) {
        return;
      }
      const count = counts.get(at) ?? { waiting: 0, never: 0 };
      counts.set(at, count);
      count.waiting += 1;
      count.never += quotaExcess(noHolding, least, quota) === undefined ? 0 : 1;
    });
  }
  return shares.accounts
    .flatMap(({ id, quota, held }, at): AccountOver[] => {
      const { waiting, never } = counts.get(at) ?? { waiting: 0, never: 0 };
      const isOver = quota !== undefined && quotaExcess(held, noHolding, quota) !== undefined;
      return quota === undefined || (!isOver && never === 0)
        ? []
        : [
            {
              id,
              gpuHeldCount: held.gpuCount,
              gpuCountMax: quota.most.gpuCount,
              reservedWatts: held.reservedWatts,
              wattsMax: quota.most.watts,
              waitingCount: waiting,
              neverCount: never,
            },
          ];
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
