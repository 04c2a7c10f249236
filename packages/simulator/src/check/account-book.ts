import { toNumber } from "@ertis/quantities";
import type { Account } from "@ertis/scheduler-engine";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";

/** What counts at an account. */
export interface Amount {
  readonly gpuCount: number;
  /** Reserved under the caps in force. */
  readonly reservedWatts: number;
  /** Reserved at starts. */
  readonly admittedWatts: number;
}

export const nothing: Amount = { gpuCount: 0, reservedWatts: 0, admittedWatts: 0 };

export function sumOf(a: Amount, b: Amount, sign: 1 | -1 = 1): Amount {
  return {
    gpuCount: a.gpuCount + sign * b.gpuCount,
    reservedWatts: a.reservedWatts + sign * b.reservedWatts,
    admittedWatts: a.admittedWatts + sign * b.admittedWatts,
  };
}

/** What accounts hold, counted from events alone. A simulated job's project is its owner's name. */
export class AccountBook {
  readonly #declared: ReadonlyMap<string, Account>;
  readonly #tenantOf = new Map<string, string>();
  readonly #held = new Map<string, Amount>();

  constructor(accounts: readonly Account[]) {
    this.#declared = new Map(accounts.map((account) => [account.id, account]));
    for (const { id } of accounts) {
      const [tenant = "", project, user] = id.split("/");
      if (project !== undefined && user === undefined) {
        this.#tenantOf.set(project, tenant);
      }
    }
  }

  /** From the tenant down to the user. */
  pathOf({ owner }: SimulatedJob): readonly string[] {
    const tenant = this.#tenantOf.get(owner) ?? "(others)";
    return [tenant, `${tenant}/${owner}`, `${tenant}/${owner}/${owner}`];
  }

  heldOf(id: string): Amount {
    return this.#held.get(id) ?? nothing;
  }

  add(path: readonly string[], change: Amount): void {
    for (const id of path) {
      this.#held.set(id, sumOf(this.heldOf(id), change));
    }
  }

  guaranteedOf(id: string): { readonly gpuCount: number; readonly watts: number } | undefined {
    const quota = this.#declared.get(id)?.quota;
    return quota && { gpuCount: quota.guaranteedGpuCount, watts: toNumber(quota.guaranteed) };
  }

  /** The first account of a path that holds more than it may, in a sentence. */
  overQuota(path: readonly string[]): string | undefined {
    for (const id of path) {
      const quota = this.#declared.get(id)?.quota;
      if (quota === undefined) {
        continue;
      }
      const { gpuCount, reservedWatts } = this.heldOf(id);
      const most = quota.guaranteedGpuCount + (quota.borrowableGpuCount ?? Infinity);
      const borrowableWatts =
        quota.borrowable === undefined ? Infinity : toNumber(quota.borrowable);
      const mostWatts = toNumber(quota.guaranteed) + borrowableWatts;
      if (gpuCount > most || reservedWatts > mostWatts) {
        return `${id} holds ${gpuCount} GPUs and ${reservedWatts} W, it may hold ${most} and ${mostWatts}`;
      }
    }
    return undefined;
  }
}
