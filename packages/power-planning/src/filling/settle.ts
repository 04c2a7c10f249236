import { speedAt } from "../curves/read-curve.ts";
import { addUp, headroomWatts, moveTo, type Book } from "./book.ts";
import { capOnGrid, stepDown, stepUp } from "./grid.ts";
import { createHeap, pop, push, type Heap } from "./heap.ts";
import { wattsAt } from "./lane.ts";

/** Turns watts into caps on the grid, rounded down. */
export function settle(book: Book, capStepWatts: number): Float64Array {
  const caps = new Float64Array(book.lanes.length);
  for (const [at, lane] of book.lanes.entries()) {
    caps[at] = capOnGrid(lane, book.watts[at] ?? 0, capStepWatts);
    book.watts[at] = wattsAt(lane, caps[at] ?? 0);
  }
  addUp(book);
  return caps;
}

/** Sums of fractions differ by so much with the order they are added in; whole numbers are exact. */
const hairWatts = 1e-9;

/** Takes back what rounding let in: a step here and there. */
export function stayWithin(book: Book, caps: Float64Array, capStepWatts: number): void {
  addUp(book);
  for (const [at, lane] of book.lanes.entries()) {
    while (headroomWatts(book, lane) < -hairWatts && (caps[at] ?? 0) > lane.lowCapWatts) {
      setCap(book, caps, at, stepDown(lane, caps[at] ?? 0, capStepWatts));
    }
  }
}

/** Gives back what rounding left over, a step at a time, the largest gain for a watt first. */
export function topUp(book: Book, caps: Float64Array, step: number): void {
  const heap = createHeap();
  for (const at of book.lanes.keys()) {
    pushStep(heap, book, at, { cap: caps[at] ?? 0, step });
  }
  for (let at = pop(heap); at !== undefined; at = pop(heap)) {
    const lane = book.lanes[at];
    if (lane !== undefined) {
      const next = stepUp(lane, caps[at] ?? 0, step);
      if (wattsAt(lane, next) - (book.watts[at] ?? 0) <= headroomWatts(book, lane)) {
        setCap(book, caps, at, next);
        pushStep(heap, book, at, { cap: next, step });
      }
    }
  }
}

function pushStep(
  heap: Heap,
  book: Book,
  at: number,
  { cap, step }: { readonly cap: number; readonly step: number },
): void {
  const lane = book.lanes[at];
  if (lane === undefined || cap >= lane.highCapWatts) {
    return;
  }
  const next = stepUp(lane, cap, step);
  const gain =
    lane.job.weight * (speedAt(lane.stretch.curve, next) - speedAt(lane.stretch.curve, cap));
  const cost = (wattsAt(lane, next) - wattsAt(lane, cap)) * lane.growthMax;
  push(heap, cost > 0 ? -gain / cost : -Infinity, at);
}

function setCap(book: Book, caps: Float64Array, at: number, cap: number): void {
  const lane = book.lanes[at];
  if (lane !== undefined) {
    caps[at] = cap;
    moveTo(book, at, wattsAt(lane, cap));
  }
}
