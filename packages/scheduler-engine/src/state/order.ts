import type { Capacity } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { known } from "./assert.ts";
import { agesWaited, classInOrder, isPressed } from "./due.ts";
import type { EngineState } from "./engine-state.ts";
import { type Job, priorityOf } from "./job.ts";
import { findAccount, type Shares, standing } from "./shares.ts";

/** What decides the order of two jobs of one account. */
export interface OrderInAccount {
  /** Position in `priorityClasses`, raised by age; more goes first. */
  readonly inClass: number;
  /** Goes ahead by age or deadline since this moment, the earlier first; Infinity: it does not. */
  readonly dueAtMs: number;
  /** At last, the older. */
  readonly number: number;
}

/** The same of any two jobs: after class and due, what their accounts have used decides. */
export interface OrderKey extends OrderInAccount {
  /** Where its account stands, from the tenant down: standing and position, by turns; less goes first. */
  readonly standings: readonly number[];
}

/** One moment's order. Standings are looked up once each, until an account changes. */
export class QueueOrder {
  readonly #shares: Shares;
  readonly #whole: Capacity;
  readonly #nowMs: number;
  /** By account. */
  #paths: (readonly number[] | undefined)[] = [];
  #accounts: readonly number[] | undefined;

  constructor(state: EngineState) {
    this.#shares = state.shares;
    this.#whole = state.shares.declared.length === 0 ? nothingShared : wholeOf(state);
    this.#nowMs = state.nowMs;
  }

  placeOf(job: Job): OrderInAccount {
    if (job.dueAtMs > this.#nowMs) {
      // Nearly everybody; who is not due has not waited long enough for a higher class either.
      return { inClass: priorityOf(job), dueAtMs: Infinity, number: job.number };
    }
    const isDue = agesWaited(job, this.#nowMs) > 0 || isPressed(job, this.#nowMs);
    return {
      inClass: classInOrder(job, this.#nowMs),
      dueAtMs: isDue ? job.dueAtMs : Infinity,
      number: job.number,
    };
  }

  keyAt({ inClass, dueAtMs, number }: OrderInAccount, account: number): OrderKey {
    return { inClass, dueAtMs, number, standings: this.#standings(account) };
  }

  keyOf(job: Job): OrderKey {
    const account = findAccount(this.#shares, job.owner, job.spec.project);
    return this.keyAt(this.placeOf(job), account);
  }

  /** Something has started: where accounts stand has changed. */
  forgetStandings(): void {
    this.#paths = [];
    this.#accounts = undefined;
  }

  /** Of some accounts the one that goes first by where it stands. */
  firstByStanding(accounts: Iterable<number>): number | undefined {
    let first: number | undefined;
    for (const account of accounts) {
      if (first === undefined || this.#compare(account, first) < 0) {
        first = account;
      }
    }
    return first;
  }

  #compare(a: number, b: number): number {
    return compareStandings(this.#standings(a), this.#standings(b)) || a - b;
  }

  /** All accounts by where they stand, the first to go first. */
  accountsInOrder(): readonly number[] {
    this.#accounts ??= this.#shares.accounts
      .map((_, account) => account)
      .toSorted((a, b) => this.#compare(a, b));
    return this.#accounts;
  }

  #standings(account: number): readonly number[] {
    if (this.#shares.declared.length === 0) {
      return nothing;
    }
    const one = this.#shares.accounts[account];
    if (one === undefined || account === 0) {
      return nothing;
    }
    let path = this.#paths[account];
    if (path === undefined) {
      path = [...this.#standings(one.parent), standing(one, this.#whole, this.#nowMs), account];
      this.#paths[account] = path;
    }
    return path;
  }
}

const nothing: readonly number[] = [];
const nothingShared: Capacity = { gpuCount: 0, watts: 0 };

/** Does `a` go before `b`? Total, and the same for every pair of one moment. */
export function isAhead(a: OrderKey, b: OrderKey): boolean {
  return compareKeys(a, b) < 0;
}

/** Below 0: `a` goes first. */
export function compareKeys(a: OrderKey, b: OrderKey): number {
  if (a.inClass !== b.inClass || a.dueAtMs !== b.dueAtMs) {
    return comparePlaces(a, b);
  }
  return compareStandings(a.standings, b.standings) || a.number - b.number;
}

function compareStandings(a: readonly number[], b: readonly number[]): number {
  const depth = Math.min(a.length, b.length);
  for (let at = 0; at < depth; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** The same for jobs of one account. */
export function comparePlaces(a: OrderInAccount, b: OrderInAccount): number {
  if (a.inClass !== b.inClass) {
    return b.inClass - a.inClass;
  }
  return a.dueAtMs === b.dueAtMs ? a.number - b.number : a.dueAtMs - b.dueAtMs;
}

/** All GPUs, and what the feeds of all sites can carry. Kept until a site file changes. */
export function wholeOf(state: EngineState): Capacity {
  const { shares } = state;
  if (shares.wholeVersion !== state.sitesVersion) {
    let gpuCount = 0;
    let watts = 0;
    for (const { site, nodeGpuCount } of state.sites.values()) {
      gpuCount += nodeGpuCount.reduce((sum, count) => sum + count, 0);
      watts += toNumber(known(site.domains[0], "feed").usableWatts);
    }
    shares.whole = { gpuCount, watts };
    shares.wholeVersion = state.sitesVersion;
  }
  return shares.whole;
}
