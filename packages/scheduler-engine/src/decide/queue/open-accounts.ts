import { guaranteeShare } from "@ertis/power-planning";
import type { EngineState } from "../../state/engine-state.ts";
import { forEachAbove } from "../../state/shares.ts";

interface OpenAccount {
  readonly account: number;
  /** Who is guaranteed it. */
  readonly holder: number;
  readonly share: number;
}

/**
 * Accounts below a guarantee, while anybody could be stopped for them: those that hold least of it first. Each with the
 * account that is guaranteed it, itself or the nearest above.
 */
export function openAccounts({ shares, stoppable }: EngineState): ReadonlyMap<number, number> {
  const isNobodyStoppable = [...stoppable.values()].every((attempts) => attempts.size === 0);
  if (isNobodyStoppable || shares.accounts.every(({ quota }) => quota === undefined)) {
    return new Map();
  }
  const open: OpenAccount[] = [];
  for (let account = 1; account < shares.accounts.length; account += 1) {
    let found: OpenAccount | undefined;
    forEachAbove(shares, account, ({ held, quota }, holder) => {
      const share = quota === undefined ? undefined : guaranteeShare(held, quota);
      found ??= share === undefined ? undefined : { account, holder, share };
    });
    if (found !== undefined) {
      open.push(found);
    }
  }
  return new Map(
    open
      .toSorted((a, b) => a.share - b.share || a.account - b.account)
      .map(({ account, holder }) => [account, holder]),
  );
}
