import type { Capacity } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { known } from "./assert.ts";
import { agesWaited, classInOrder, isPressed } from "./due.ts";
import type { EngineState } from "./engine-state.ts";
import type { Job } from "./job.ts";
import { findAccount, forEachAbove, type Shares, standing } from "./shares.ts";

/** What decides the order of two jobs, from the first to the last; all but the first: less goes first. */
export interface OrderKey {
  /** Position in `priorityClasses`, raised by age; more goes first. */
  readonly inClass: number;
  /** Goes ahead by age or deadline since this moment; Infinity: it does not. */
  readonly dueAtMs: number;
  /** Where its account stands, from the tenant down: standing and position, by turns. */
  readonly standings: readonly number[];
  readonly number: number;
}

/** One moment's order. Standings are looked up once each, until an account changes. */
export class QueueOrder {
  readonly #shares: Shares;
  readonly #whole: Capacity;
  readonly #nowMs: number;
  readonly #paths = new Map<number, readonly number[]>();

  constructor(state: EngineState) {
    this.#shares = state.shares;
    this.#whole = state.shares.declared.length === 0 ? nothingShared : wholeOf(state);
    this.#nowMs = state.nowMs;
  }

  keyOf(job: Job): OrderKey {
    const isDue =
      job.dueAtMs <= this.#nowMs &&
      (agesWaited(job, this.#nowMs) > 0 || isPressed(job, this.#nowMs));
    return {
      inClass: classInOrder(job, this.#nowMs),
      dueAtMs: isDue ? job.dueAtMs : Infinity,
      standings: this.#standings(job),
      number: job.number,
    };
  }

  /** Something has started: where accounts stand has changed. */
  forgetStandings(): void {
    this.#paths.clear();
  }

  #standings(job: Job): readonly number[] {
    if (this.#shares.declared.length === 0) {
      return nothing;
    }
    const account = findAccount(this.#shares, job.owner, job.spec.project);
    let path = this.#paths.get(account);
    if (path === undefined) {
      const found: number[] = [];
      forEachAbove(this.#shares, account, (one, at) => {
        if (at > 0) {
          found.unshift(standing(one, this.#whole, this.#nowMs), at);
        }
      });
      path = found;
      this.#paths.set(account, path);
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
  if (a.inClass !== b.inClass) {
    return b.inClass - a.inClass;
  }
  if (a.dueAtMs !== b.dueAtMs) {
    return a.dueAtMs - b.dueAtMs;
  }
  const depth = Math.min(a.standings.length, b.standings.length);
  for (let at = 0; at < depth; at += 1) {
    const difference = (a.standings[at] ?? 0) - (b.standings[at] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.number - b.number;
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
