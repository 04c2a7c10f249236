import { speedAt } from "../curves/read-curve.ts";
import { headroomWatts, moveTo, type Book } from "./book.ts";
import { capOnGrid, stepUp } from "./grid.ts";
import { wattsAt, type Lane } from "./lane.ts";

/** A filling that stands, while it is made better. */
export interface Draft {
  readonly book: Book;
  readonly capWatts: Float64Array;
  readonly capStepWatts: number;
}

/** A gain below this is rounding; without it two jobs might swap for ever. */
const gainMin = 1e-9;
/** Up to here every cap of the grid is tried; beyond, the measured ones. */
const gridCapsMax = 64;

interface Pair {
  readonly giverCap: number;
  readonly takerCap: number;
  readonly worth: number;
}

/**
 * Tries other caps for the giver, each with the highest for the taker that then fits, and takes the pair
 * with the most weighted speed. False when what stands is the best.
 */
export function exchange(draft: Draft, giver: number, taker: number): boolean {
  const { book, capWatts } = draft;
  const giving = book.lanes[giver];
  const taking = book.lanes[taker];
  if (giving === undefined || taking === undefined) {
    return false;
  }
  const standing = pairOf(giving, taking, capWatts[giver] ?? 0, capWatts[taker] ?? 0);
  moveTo(book, giver, giving.stretch.lowWatts);
  moveTo(book, taker, taking.stretch.lowWatts);
  const giverWattsMax = giving.stretch.lowWatts + headroomWatts(book, giving);
  let best = { ...standing, worth: standing.worth + gainMin };
  for (const cap of capsToTry(draft, giving)) {
    const watts = wattsAt(giving, cap);
    if (watts <= giverWattsMax) {
      moveTo(book, giver, watts);
      const takerWatts = taking.stretch.lowWatts + headroomWatts(book, taking);
      const pair = pairOf(giving, taking, cap, capOnGrid(taking, takerWatts, draft.capStepWatts));
      best = pair.worth > best.worth ? pair : best;
    }
  }
  capWatts[giver] = best.giverCap;
  capWatts[taker] = best.takerCap;
  moveTo(book, giver, wattsAt(giving, best.giverCap));
  moveTo(book, taker, wattsAt(taking, best.takerCap));
  return best.giverCap !== standing.giverCap || best.takerCap !== standing.takerCap;
}

function pairOf(giving: Lane, taking: Lane, giverCap: number, takerCap: number): Pair {
  const worth =
    giving.job.weight * speedAt(giving.stretch.curve, giverCap) +
    taking.job.weight * speedAt(taking.stretch.curve, takerCap);
  return { giverCap, takerCap, worth };
}

function capsToTry({ capStepWatts }: Draft, lane: Lane): readonly number[] {
  const { lowCapWatts, highCapWatts, stretch } = lane;
  if ((highCapWatts - lowCapWatts) / capStepWatts > gridCapsMax) {
    return stretch.curve.points.map(({ capWatts }) => capWatts);
  }
  const caps = [lowCapWatts];
  for (let cap = lowCapWatts; cap < highCapWatts;) {
    cap = stepUp(lane, cap, capStepWatts);
    caps.push(cap);
  }
  return caps;
}
