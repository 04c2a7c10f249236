import { headroomWatts, moveTo, type Book } from "./book.ts";
import { createHeap, pop, push, type Heap } from "./heap.ts";
import { edgeUp } from "./lane.ts";

/** Less than this is rounding, not room. */
const leastWatts = 1e-6;

/**
 * Raises jobs on their hulls while there is room: the largest gain of weighted speed for a watt goes
 * first, and a job that meets a full domain stays where it is. What gains nothing rises last: a cap that
 * nobody needs is lifted.
 */
export function ascend(book: Book): void {
  const heap = createHeap();
  for (const at of book.lanes.keys()) {
    pushUp(heap, book, at);
  }
  for (let at = pop(heap); at !== undefined; at = pop(heap)) {
    const lane = book.lanes[at];
    const watts = book.watts[at] ?? 0;
    const edge = lane === undefined ? undefined : edgeUp(lane.stretch, watts);
    if (lane !== undefined && edge !== undefined) {
      const headroom = headroomWatts(book, lane);
      if (headroom > leastWatts) {
        const target = Math.min(edge.toWatts, watts + headroom);
        moveTo(book, at, target);
        if (target === edge.toWatts) {
          pushUp(heap, book, at);
        }
      }
    }
  }
}

function pushUp(heap: Heap, book: Book, at: number): void {
  const lane = book.lanes[at];
  const edge = lane === undefined ? undefined : edgeUp(lane.stretch, book.watts[at] ?? 0);
  if (lane !== undefined && edge !== undefined) {
    push(heap, -(lane.job.weight * edge.slope) / Math.max(lane.growthMax, Number.MIN_VALUE), at);
  }
}
