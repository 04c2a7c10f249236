import { usageAt } from "@ertis/power-planning";
import { shareHalfLifeMs } from "../../limits.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { wholeOf } from "../../state/order.ts";
import { type AccountState, standing } from "../../state/shares.ts";
import type { Account } from "../../words/account.ts";
import { standingText } from "./standing-text.ts";

/** An account, declared or met, and what it uses. */
export interface AccountView {
  readonly id: string;
  readonly weight: number;
  /** As declared; undefined: it has none of its own. */
  readonly declared: Account | undefined;
  readonly gpuHeldCount: number;
  readonly reservedWatts: number;
  /** GPU × ms, older use counting less. */
  readonly decayedGpuMs: number;
  /** Reserved energy, in the same way. */
  readonly decayedJoules: number;
  /** Its part of what its siblings and it used lately, by GPU-time, in thousandths; 0: nobody used any. */
  readonly usagePermille: number;
  /** Its part of the weights of its siblings and itself, in thousandths. */
  readonly sharePermille: number;
  /** Its place in line among its siblings, from 1. */
  readonly rank: number;
  /** What decides that place, for people. */
  readonly standing: string;
}

export interface AccountPage {
  /** This account and those below it; empty: all. */
  readonly parentId: string;
  readonly size: number;
  /** Id of the last account listed before. */
  readonly after?: string;
}

export interface AccountList {
  /** Parents before children. */
  readonly accounts: readonly AccountView[];
  /** Id to go on after; undefined: nothing more. */
  readonly next: string | undefined;
}

/** Accounts with what they use. Those that nobody declared are there once a job of theirs was. */
export function listAccounts(state: EngineState, page: AccountPage): AccountList {
  const { accounts } = state.shares;
  const after = page.after === undefined ? undefined : sortKey(page.after);
  const isBelow = (id: string): boolean =>
    page.parentId === "" || id === page.parentId || id.startsWith(`${page.parentId}/`);
  const matching = accounts
    .filter(({ id }) => id !== "" && isBelow(id))
    .map((account) => ({ account, key: sortKey(account.id) }))
    .filter(({ key }) => after === undefined || key > after)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const declared = new Map(state.shares.declared.map((account) => [account.id, account]));
  const shown = matching.slice(0, page.size);
  const families = new Map<number, Siblings>();
  const siblingsOf = ({ parent }: AccountState): Siblings => {
    const found = families.get(parent) ?? siblingsBelow(state, parent);
    families.set(parent, found);
    return found;
  };
  return {
    accounts: shown.map(({ account }) =>
      viewOf(state, account, declared.get(account.id), siblingsOf(account)),
    ),
    next: matching.length > shown.length ? shown.at(-1)?.account.id : undefined,
  };
}

/** Below every character of a name, so that children stand right after their parent. */
function sortKey(id: string): string {
  return id.replaceAll("/", "\u0001");
}

/** What is the same for all accounts under one parent. */
interface Siblings {
  readonly weights: number;
  readonly gpuMs: number;
  /** In the order in which they have their turn. */
  readonly inOrder: readonly AccountState[];
  readonly standings: ReadonlyMap<AccountState, number>;
}

function siblingsBelow(state: EngineState, parent: number): Siblings {
  const { accounts } = state.shares;
  const whole = wholeOf(state);
  const standings = new Map<AccountState, number>();
  let weights = 0;
  let gpuMs = 0;
  for (const position of accounts[parent]?.children.values() ?? []) {
    const sibling = known(accounts[position], "account");
    weights += sibling.weight;
    gpuMs += usageNow(state, sibling).gpuTimeMs;
    standings.set(sibling, standing(sibling, whole, state.nowMs));
  }
  // Sorting is stable, and who was there first stands first, as in the queue.
  const inOrder = [...standings].toSorted(([, a], [, b]) => a - b).map(([account]) => account);
  return { weights, gpuMs, inOrder, standings };
}

function viewOf(
  state: EngineState,
  account: AccountState,
  declared: Account | undefined,
  { weights, gpuMs, inOrder, standings }: Siblings,
): AccountView {
  const usage = usageNow(state, account);
  return {
    id: account.id,
    weight: account.weight,
    declared,
    gpuHeldCount: account.held.gpuCount,
    reservedWatts: account.held.reservedWatts,
    decayedGpuMs: Math.round(usage.gpuTimeMs),
    decayedJoules: Math.round(usage.reservedMilliJoules / 1_000),
    usagePermille: gpuMs > 0 ? Math.round((usage.gpuTimeMs / gpuMs) * 1_000) : 0,
    sharePermille: Math.round((account.weight / Math.max(1, weights)) * 1_000),
    rank: inOrder.indexOf(account) + 1,
    standing: standingText(standings.get(account) ?? 0),
  };
}

function usageNow(state: EngineState, { usage, held }: AccountState): AccountState["usage"] {
  return usageAt(usage, held, state.nowMs, shareHalfLifeMs);
}
