import { guaranteeShare } from "@ertis/power-planning";
import type { EngineState } from "../../state/engine-state.ts";
import { forEachAbove } from "../../state/shares.ts";

/** Accounts below a guarantee, while anybody could be stopped for them: those that hold least of it first. */
export function openAccounts({ shares, stoppable }: EngineState): readonly number[] {
  const isNobodyStoppable = [...stoppable.values()].every((attempts) => attempts.size === 0);
  if (isNobodyStoppable || shares.accounts.every(({ quota }) => quota === undefined)) {
    return [];
  }
  const open: { readonly account: number; readonly share: number }[] = [];
  for (let account = 1; account < shares.accounts.length; account += 1) {
    let share: number | undefined;
    forEachAbove(shares, account, ({ held, quota }) => {
      share ??= quota === undefined ? undefined : guaranteeShare(held, quota);
    });
    if (share !== undefined) {
      open.push({ account, share });
    }
  }
  return open
    .toSorted((a, b) => a.share - b.share || a.account - b.account)
    .map(({ account }) => account);
}
