import { known } from "../state/assert.ts";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";

/** An attempt with what decides its place. */
export interface Ranked {
  readonly attempt: Attempt;
  /** Less goes first; equal ones in order of their jobs. */
  readonly key: number;
  /** What a change of it is at the feed, scaled: of a watt on each of its GPUs, or of the least that counts. */
  readonly feedScaled: number;
  /** When plans count on it being gone. */
  readonly untilMs: number;
}

/** Undefined: the attempt has no place. May look at nothing but the attempt, its job and the site file. */
export type RankRule = (attempt: Attempt) => Ranked | undefined;

interface Place {
  readonly ranked: Ranked;
  /** The attempt has changed since. */
  isLeft: boolean;
}

/** So many changes without a question are remembered one by one, and more where more have a place: to rank all takes longer. */
const touchedMax = 1_000;

/**
 * Attempts of a site in the order of a rule, kept from question to question: only those that changed
 * meanwhile are ranked anew. A cache; may be forgotten at any time.
 */
export class AttemptRank {
  /** Undefined: not known. May hold places that their attempts have left. */
  #places: Place[] | undefined;
  /** Beside the places: their `feedScaled` and `untilMs`. Most are told apart by these, and a place is far away in memory. */
  #feedScaled = new Float64Array(0);
  #untilMs = new Float64Array(0);
  /** The place of each attempt that has one. */
  readonly #placeOf = new Map<Attempt, Place>();
  readonly #touched = new Set<Attempt>();

  /** Its cap, its nodes or what it has acknowledged changed. */
  touch(attempt: Attempt): void {
    if (this.#places === undefined) {
      return;
    }
    this.#touched.add(attempt);
    const place = this.#placeOf.get(attempt);
    if (place !== undefined) {
      place.isLeft = true;
      this.#placeOf.delete(attempt);
    }
    if (this.#touched.size > Math.max(touchedMax, this.#placeOf.size)) {
      this.#places = undefined;
    }
  }

  /** Has it a place, as far as its changes are told? */
  has(attempt: Attempt): boolean {
    return this.#placeOf.has(attempt);
  }

  /** Those of which that may be asked. May hold attempts that have stopped since. */
  *inOrder(
    site: SiteState,
    rule: RankRule,
    isAsked: (feedScaled: number, untilMs: number) => boolean = always,
  ): Generator<Ranked, void, void> {
    const places = this.#upToDate(site, rule);
    for (let at = 0; at < places.length; at += 1) {
      if (isAsked(this.#feedScaled[at] ?? 0, this.#untilMs[at] ?? 0)) {
        const place = places[at];
        if (place?.isLeft === false) {
          yield place.ranked;
        }
      }
    }
  }

  /** The last one. */
  last(site: SiteState, rule: RankRule): Ranked | undefined {
    return this.#upToDate(site, rule).findLast(({ isLeft }) => !isLeft)?.ranked;
  }

  #upToDate(site: SiteState, rule: RankRule): readonly Place[] {
    if (this.#places === undefined) {
      return this.#rankAll(site, rule);
    }
    const places = this.#withoutMostlyLeft(this.#places);
    const changed: Place[] = [];
    for (const attempt of this.#touched) {
      const ranked = site.attempts.has(attempt) ? rule(attempt) : undefined;
      if (ranked !== undefined) {
        const place = { ranked, isLeft: false };
        this.#placeOf.set(attempt, place);
        changed.push(place);
      }
    }
    this.#touched.clear();
    this.#insert(places, changed.toSorted(compare));
    return places;
  }

  /** Places that were left are given up together, when they are most of all. */
  #withoutMostlyLeft(places: Place[]): Place[] {
    return places.length > 2 * this.#placeOf.size + touchedMax
      ? this.#set(places.filter(({ isLeft }) => !isLeft))
      : places;
  }

  #set(places: Place[]): Place[] {
    this.#places = places;
    this.#feedScaled = Float64Array.from(places, ({ ranked }) => ranked.feedScaled);
    this.#untilMs = Float64Array.from(places, ({ ranked }) => ranked.untilMs);
    return places;
  }

  /** From the last one on, so that whoever stands behind some of them is moved once. */
  #insert(places: Place[], added: readonly Place[]): void {
    let unmovedCount = places.length;
    places.push(...added);
    this.#widen(places.length);
    for (let before = added.length - 1; before >= 0; before -= 1) {
      const place = known(added[before], "place to be inserted");
      const at = positionFor(places, place, unmovedCount);
      for (let moved = unmovedCount - 1; moved >= at; moved -= 1) {
        places[moved + before + 1] = known(places[moved], "place in the way");
      }
      this.#feedScaled.copyWithin(at + before + 1, at, unmovedCount);
      this.#untilMs.copyWithin(at + before + 1, at, unmovedCount);
      places[at + before] = place;
      this.#feedScaled[at + before] = place.ranked.feedScaled;
      this.#untilMs[at + before] = place.ranked.untilMs;
      unmovedCount = at;
    }
  }

  #widen(count: number): void {
    if (count > this.#feedScaled.length) {
      this.#feedScaled = widened(this.#feedScaled, 2 * count);
      this.#untilMs = widened(this.#untilMs, 2 * count);
    }
  }

  #rankAll(site: SiteState, rule: RankRule): readonly Place[] {
    this.#touched.clear();
    this.#placeOf.clear();
    const places: Place[] = [];
    for (const attempt of site.attempts) {
      const ranked = rule(attempt);
      if (ranked !== undefined) {
        const place = { ranked, isLeft: false };
        places.push(place);
        this.#placeOf.set(attempt, place);
      }
    }
    return this.#set(places.toSorted(compare));
  }
}

function always(): boolean {
  return true;
}

function widened(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(length);
  wider.set(column);
  return wider;
}

function compare({ ranked: a }: Place, { ranked: b }: Place): number {
  return a.key - b.key || compareAttempts(a.attempt, b.attempt);
}

/** In order of their jobs. */
export function compareAttempts(a: Attempt, b: Attempt): number {
  return a.job - b.job || a.task - b.task;
}

/** Of the first so many, behind all that go before it. */
function positionFor(places: readonly Place[], place: Place, count: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = places[middle];
    if (other !== undefined && compare(other, place) <= 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

interface SiteRanks {
  /** Who is gone first. */
  readonly toEnd: AttemptRank;
  /** Who loses least when it is lowered. */
  readonly toLower: AttemptRank;
  /** Who gains most when it is raised. */
  readonly toRaise: AttemptRank;
}

const kept = new WeakMap<SiteState, SiteRanks>();

export function ranksOf(site: SiteState): SiteRanks {
  let ranks = kept.get(site);
  if (ranks === undefined) {
    ranks = { toEnd: new AttemptRank(), toLower: new AttemptRank(), toRaise: new AttemptRank() };
    kept.set(site, ranks);
  }
  return ranks;
}

/** To be told of every change to an attempt that may move it in a rank. */
export function rerank(site: SiteState, attempt: Attempt): void {
  const ranks = kept.get(site);
  ranks?.toEnd.touch(attempt);
  touchCapped(ranks?.toLower, attempt);
  touchCapped(ranks?.toRaise, attempt);
}

/** Most are never capped, and have no place there. Whose last cap is gone leaves the one that it had. */
function touchCapped(rank: AttemptRank | undefined, attempt: Attempt): void {
  const mayBeRanked = attempt.floorCapWatts !== 0 || attempt.capWatts !== 0;
  if (mayBeRanked || rank?.has(attempt) === true) {
    rank?.touch(attempt);
  }
}
