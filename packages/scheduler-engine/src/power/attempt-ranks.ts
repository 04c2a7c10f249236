import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";

/** An attempt with what decides its place. */
export interface Ranked {
  readonly attempt: Attempt;
  /** Less goes first; equal ones in order of their jobs. */
  readonly key: number;
  /** What it frees at the feed when it goes down to its floor, scaled; 0 where nobody asks. */
  readonly freedScaled: number;
}

/** Undefined: the attempt has no place. May look at nothing but the attempt, its job and the site file. */
export type RankRule = (attempt: Attempt) => Ranked | undefined;

/** So many changes without a question are remembered one by one. */
const touchedMax = 1_000;

/**
 * Attempts of a site in the order of a rule, kept from question to question: only those that changed
 * meanwhile are ranked anew. A cache; may be forgotten at any time.
 */
export class AttemptRank {
  #sorted: readonly Ranked[] | undefined;
  readonly #touched = new Set<Attempt>();

  /** Its cap, its nodes or what it has acknowledged changed. */
  touch(attempt: Attempt): void {
    if (this.#sorted === undefined) {
      return;
    }
    this.#touched.add(attempt);
    if (this.#touched.size > touchedMax) {
      this.#touched.clear();
      this.#sorted = undefined;
    }
  }

  /** May hold attempts that have stopped since. */
  inOrder(site: SiteState, rule: RankRule): readonly Ranked[] {
    if (this.#sorted === undefined) {
      this.#sorted = rankAll(site.attempts, rule);
    } else if (this.#touched.size > 0) {
      const others = this.#sorted.filter(({ attempt }) => !this.#touched.has(attempt));
      const held = [...this.#touched].filter((attempt) => site.attempts.has(attempt));
      this.#sorted = merge(others, rankAll(held, rule));
    }
    this.#touched.clear();
    return this.#sorted;
  }
}

function rankAll(attempts: Iterable<Attempt>, rule: RankRule): readonly Ranked[] {
  const ranked: Ranked[] = [];
  for (const attempt of attempts) {
    const one = rule(attempt);
    if (one !== undefined) {
      ranked.push(one);
    }
  }
  return ranked.toSorted(compare);
}

function compare(a: Ranked, b: Ranked): number {
  return a.key - b.key || compareAttempts(a.attempt, b.attempt);
}

/** In order of their jobs. */
export function compareAttempts(a: Attempt, b: Attempt): number {
  return a.job - b.job || a.task - b.task;
}

function merge(a: readonly Ranked[], b: readonly Ranked[]): readonly Ranked[] {
  const merged: Ranked[] = [];
  let next = 0;
  for (const one of a) {
    for (let other = b[next]; other !== undefined && compare(other, one) < 0; other = b[next]) {
      merged.push(other);
      next += 1;
    }
    merged.push(one);
  }
  return merged.concat(b.slice(next));
}

export interface SiteRanks {
  /** Who loses least when it is lowered. */
  readonly toLower: AttemptRank;
  /** Who gains most when it is raised. */
  readonly toRaise: AttemptRank;
}

const kept = new WeakMap<SiteState, SiteRanks>();

export function ranksOf(site: SiteState): SiteRanks {
  let ranks = kept.get(site);
  if (ranks === undefined) {
    ranks = { toLower: new AttemptRank(), toRaise: new AttemptRank() };
    kept.set(site, ranks);
  }
  return ranks;
}

/** To be told of every change to an attempt that may move it in a rank. */
export function rerank(site: SiteState, attempt: Attempt): void {
  const ranks = attempt.floorCapWatts === 0 && attempt.capWatts === 0 ? undefined : kept.get(site);
  ranks?.toLower.touch(attempt);
  ranks?.toRaise.touch(attempt);
}
