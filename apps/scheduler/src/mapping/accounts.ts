import type { Account as ApiAccount, AccountOverQuota, AccountUsage as ApiUsage } from "@ertis/api";
import { toNumber, watts } from "@ertis/quantities";
import type { Account, AccountOver, AccountView, Quota } from "@ertis/scheduler-engine";
import { accountCountMax, accountIdLengthMax, accountWeightMax } from "../limits/limits.ts";
import { quoted, type Violation } from "./violation.ts";

/** Mistakes of one list that are named; the rest are like them. */
const namedMax = 20;

/** Checks accounts by themselves and puts them into the engine's words; the engine compares them. */
export function accountsFromApi(
  accounts: readonly ApiAccount[],
  violations: Violation[],
): readonly Account[] {
  if (accounts.length > accountCountMax) {
    violations.push({
      field: "accounts",
      description: `found ${accounts.length}, but at most ${accountCountMax} are allowed`,
    });
    return [];
  }
  const found: Account[] = [];
  for (const [index, { id, weight, quota }] of accounts.entries()) {
    if (violations.length >= namedMax) {
      return [];
    }
    const field = `accounts[${index}]`;
    if (id === "" || id.length > accountIdLengthMax) {
      violations.push({
        field: `${field}.id`,
        description: `found ${quoted(id)}, but 1 to ${accountIdLengthMax} characters are allowed: tenant, tenant/project or tenant/project/user`,
      });
    }
    if (!(weight >= 1 && weight <= accountWeightMax)) {
      violations.push({
        field: `${field}.weight`,
        description: `found ${weight}, but 1 to ${accountWeightMax} is allowed`,
      });
    }
    found.push({ id, weight, ...(quota === undefined ? {} : { quota: quotaFromApi(quota) }) });
  }
  return found;
}

function quotaFromApi(quota: NonNullable<ApiAccount["quota"]>): Quota {
  const { borrowableGpuCount, borrowableWatts } = quota;
  return {
    guaranteedGpuCount: quota.guaranteedGpuCount,
    guaranteed: watts(quota.guaranteedWatts),
    ...(borrowableGpuCount === undefined ? {} : { borrowableGpuCount }),
    ...(borrowableWatts === undefined ? {} : { borrowable: watts(borrowableWatts) }),
  };
}

export function accountToApi(view: AccountView): ApiUsage {
  const quota = view.declared?.quota;
  return {
    account: {
      id: view.id,
      weight: view.weight,
      quota:
        quota === undefined
          ? undefined
          : {
              guaranteedGpuCount: quota.guaranteedGpuCount,
              guaranteedWatts: toNumber(quota.guaranteed),
              borrowableGpuCount: quota.borrowableGpuCount,
              borrowableWatts:
                quota.borrowable === undefined ? undefined : toNumber(quota.borrowable),
            },
    },
    gpuUsedCount: view.gpuHeldCount,
    powerReservedWatts: view.reservedWatts,
    usagePermille: view.usagePermille,
    sharePermille: view.sharePermille,
    decayedGpuMs: view.decayedGpuMs,
    decayedJoules: BigInt(view.decayedJoules),
    rank: view.rank,
    standing: view.standing,
  };
}

export function accountOverToApi(over: AccountOver): AccountOverQuota {
  return {
    accountId: over.id,
    gpuUsedCount: over.gpuHeldCount,
    gpuMaxCount: over.gpuCountMax === Infinity ? undefined : over.gpuCountMax,
    powerReservedWatts: over.reservedWatts,
    powerMaxWatts: over.wattsMax === Infinity ? undefined : over.wattsMax,
    waitingJobCount: over.waitingCount,
    neverJobCount: over.neverCount,
  };
}
