import { speedAt } from "../curves/read-curve.ts";
import type { Book } from "./book.ts";
import { exchange, type Draft } from "./exchange.ts";
import { hullSpeedAt } from "./lane.ts";
import { membersOf, tightestDomain } from "./neighbours.ts";

/** So few jobs are tried pair by pair. */
const fewJobs = 16;
/** Of more, those whose curve lies furthest below its hull, each with some that share its full domain. */
const strayJobsMax = 256;
const partnersMax = 8;
const roundsMax = 8;
/** Speed below the hull that is not worth a try. */
const gapMin = 0.001;

/**
 * Filling by gain ends with at most one job a full domain between two corners of its hull, where a curve
 * that is not concave has less than the hull promises. Pairs of jobs exchange watts there, on the curves
 * as measured, as long as it helps.
 */
export function polish(draft: Draft): void {
  if (draft.book.lanes.length <= fewJobs) {
    polishAll(draft);
  } else {
    polishStrays(draft);
  }
}

function polishAll(draft: Draft): void {
  const { lanes } = draft.book;
  let hasGained = true;
  for (let round = 0; hasGained && round < roundsMax; round++) {
    hasGained = false;
    for (const giver of lanes.keys()) {
      for (const taker of lanes.keys()) {
        if (giver !== taker && exchange(draft, giver, taker)) {
          hasGained = true;
        }
      }
    }
  }
}

function polishStrays(draft: Draft): void {
  const strays = straysOf(draft);
  const domains = strays.map((at) => tightestDomain(draft.book, at));
  const members = membersOf(draft.book, new Set(domains), partnersMax);
  for (const [place, stray] of strays.entries()) {
    for (const partner of members.get(domains[place] ?? -1) ?? []) {
      if (partner !== stray) {
        exchange(draft, stray, partner);
        exchange(draft, partner, stray);
      }
    }
  }
}

/** The jobs with the most weighted speed to win, the most first. */
function straysOf({ book, capWatts }: Draft): readonly number[] {
  const strays: { readonly at: number; readonly worth: number }[] = [];
  for (let at = 0; at < book.lanes.length; at++) {
    const lane = book.lanes[at];
    if (lane !== undefined) {
      const gap =
        hullSpeedAt(lane.stretch, wattsOf(book, at)) -
        speedAt(lane.stretch.curve, capWatts[at] ?? 0);
      if (gap > gapMin) {
        strays.push({ at, worth: gap * lane.job.weight });
      }
    }
  }
  return strays
    .toSorted((a, b) => b.worth - a.worth || a.at - b.at)
    .slice(0, strayJobsMax)
    .map(({ at }) => at);
}

function wattsOf(book: Book, at: number): number {
  return book.watts[at] ?? 0;
}
