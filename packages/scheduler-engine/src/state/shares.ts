import {
  addHolding,
  type Capacity,
  costMs,
  guaranteeShare,
  type Holding,
  type HoldingQuota,
  noHolding,
  noUsage,
  parentId,
  type Usage,
  usageAt,
} from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { shareAheadMs, shareHalfLifeMs } from "../limits.ts";
import type { Account, Quota } from "../words/account.ts";
import { known } from "./assert.ts";

/** A tenant, a project or a user: what it may hold, holds and has used. */
export interface AccountState {
  readonly id: string;
  /** The last part of its id. */
  readonly name: string;
  /** Position of its parent; -1: the whole. */
  readonly parent: number;
  readonly weight: number;
  readonly quota: HoldingQuota | undefined;
  readonly children: Map<string, number>;
  usage: Usage;
  held: Holding;
}

/**
 * Who shares the sites. Position 0 is the whole; without declared accounts it is all there is, and
 * every job is its. Users who are not declared get an account below their project with weight 1,
 * projects that are not, one below `others`.
 */
export interface Shares {
  declared: readonly Account[];
  accounts: AccountState[];
  /** By the name a job gives. */
  projects: Map<string, number>;
  /** A cache of `wholeOf`, good for one version of the sites. */
  whole: Capacity;
  wholeVersion: number;
}

/** The tenant of projects that no account names. No declared name can be it. */
const othersId = "(others)";

export function createShares(declared: readonly Account[] = []): Shares {
  const shares: Shares = {
    declared,
    accounts: [],
    projects: new Map(),
    whole: { gpuCount: 0, watts: 0 },
    wholeVersion: -1,
  };
  const positions = new Map([["", addAccount(shares, -1, "")]]);
  // Parents first, whatever the order of the file.
  for (const account of declared.toSorted((a, b) => depthOf(a.id) - depthOf(b.id))) {
    const { id } = account;
    const parent = known(positions.get(parentId(id)), `account ${parentId(id)}`);
    positions.set(id, addAccount(shares, parent, id.slice(id.lastIndexOf("/") + 1), account));
  }
  return shares;
}

/** The account that a job is counted in, made when it is new. Only `apply` may make one. */
export function accountFor(shares: Shares, owner: string, project: string): number {
  if (shares.declared.length === 0) {
    return 0;
  }
  let at = shares.projects.get(project);
  if (at === undefined) {
    const others = shares.accounts[0]?.children.get(othersId);
    at = addAccount(shares, others ?? addAccount(shares, 0, othersId), project);
  }
  return shares.accounts[at]?.children.get(owner) ?? addAccount(shares, at, owner);
}

/** The same, as far as it is known already: for reads. */
export function findAccount(shares: Shares, owner: string, project: string): number {
  const at = shares.projects.get(project) ?? 0;
  return shares.accounts[at]?.children.get(owner) ?? at;
}

/** Adds or takes away what is held, at an account and everything above it. */
export function changeHolding(shares: Shares, at: number, change: Holding, nowMs: number): void {
  forEachAbove(shares, at, (account) => {
    account.usage = usageAt(account.usage, account.held, nowMs, shareHalfLifeMs);
    account.held = addHolding(account.held, change);
  });
}

/** From an account upward, the whole included. */
export function forEachAbove(
  { accounts }: Shares,
  from: number,
  visit: (account: AccountState, at: number) => void,
): void {
  for (let at = from; at >= 0; at = accounts[at]?.parent ?? -1) {
    const account = accounts[at];
    if (account !== undefined) {
      visit(account, at);
    }
  }
}

/** Is it so of an account or of one above it, the whole included? */
export function isSoAbove(
  { accounts }: Shares,
  from: number,
  isSo: (account: AccountState) => boolean,
): boolean {
  for (let at = from; at >= 0; at = accounts[at]?.parent ?? -1) {
    const account = accounts[at];
    if (account !== undefined && isSo(account)) {
      return true;
    }
  }
  return false;
}

/**
 * Where an account stands among its siblings; less goes first. Below 0 it has not got all of its
 * guarantee: the part it holds, less one. Else what it has cost for its weight, in ms of the whole.
 */
export function standing(account: AccountState, whole: Capacity, nowMs: number): number {
  const { quota, held, weight } = account;
  const share = quota === undefined ? undefined : guaranteeShare(held, quota);
  if (share !== undefined) {
    return share - 1;
  }
  const usage = usageAt(account.usage, held, nowMs, shareHalfLifeMs);
  return costMs(usage, held, whole, { weight, aheadMs: shareAheadMs });
}

/** Answers its position. */
export function addAccount(
  shares: Shares,
  parent: number,
  name: string,
  declared?: Account,
): number {
  const { accounts, projects } = shares;
  const at = accounts.length;
  const above = accounts[parent];
  accounts.push({
    id: above === undefined || above.id === "" ? name : `${above.id}/${name}`,
    name,
    parent,
    weight: declared?.weight ?? 1,
    quota: declared?.quota === undefined ? undefined : holdingQuota(declared.quota),
    children: new Map(),
    usage: noUsage,
    held: noHolding,
  });
  above?.children.set(name, at);
  if (above?.parent === 0) {
    projects.set(name, at);
  }
  return at;
}

export function holdingQuota(quota: Quota): HoldingQuota {
  const gpuCount = quota.guaranteedGpuCount;
  const guaranteedWatts = toNumber(quota.guaranteed);
  return {
    guaranteed: { gpuCount, watts: guaranteedWatts },
    most: {
      gpuCount: gpuCount + (quota.borrowableGpuCount ?? Infinity),
      watts:
        guaranteedWatts + (quota.borrowable === undefined ? Infinity : toNumber(quota.borrowable)),
    },
  };
}

function depthOf(id: string): number {
  return parentId(id) === "" ? 1 : depthOf(parentId(id)) + 1;
}
