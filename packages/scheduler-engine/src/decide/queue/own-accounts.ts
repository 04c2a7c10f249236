import { guaranteeShare } from "@ertis/power-planning";
import type { EngineState } from "../../state/engine-state.ts";
import { priorityOf } from "../../state/job.ts";
import { forEachAbove } from "../../state/shares.ts";

/** An account of which a job may stop others of lower classes that jobs of other accounts may not. */
export interface OwnAccount {
  /** Itself or the nearest above that has a quota and such work, or a guarantee that is open: below it all may stop the same. */
  readonly holder: number;
  /** The lowest class of such work. */
  readonly lowestClass: number;
}

/**
 * Accounts below a quota below which anybody may be stopped: work that its account is guaranteed gives way to a higher
 * class of its own, to nobody else.
 */
export function ownAccounts(state: EngineState): ReadonlyMap<number, OwnAccount> {
  const { shares } = state;
  const own = new Map<number, OwnAccount>();
  if (shares.accounts.every(({ quota }) => quota === undefined)) {
    return own;
  }
  const lowest = lowestClasses(state);
  for (let account = 1; account < shares.accounts.length; account += 1) {
    let holder: number | undefined;
    let lowestClass = Infinity;
    forEachAbove(shares, account, ({ held, quota }, at) => {
      if (quota !== undefined) {
        const below = lowest[at] ?? Infinity;
        lowestClass = Math.min(lowestClass, below);
        if (below < Infinity || guaranteeShare(held, quota) !== undefined) {
          holder ??= at;
        }
      }
    });
    if (holder !== undefined && lowestClass < Infinity) {
      own.set(account, { holder, lowestClass });
    }
  }
  return own;
}

/** By account: the lowest class of what may be stopped below it. */
function lowestClasses({ shares, stoppable }: EngineState): readonly number[] {
  const lowest = shares.accounts.map(() => Infinity);
  for (const attempts of stoppable.values()) {
    for (const [any] of attempts.groups()) {
      if (any !== undefined) {
        const priority = priorityOf(any.job);
        forEachAbove(shares, any.account, (_, at) => {
          lowest[at] = Math.min(lowest[at] ?? Infinity, priority);
        });
      }
    }
  }
  return lowest;
}
