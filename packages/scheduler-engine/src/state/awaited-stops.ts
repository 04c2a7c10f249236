import { Heap } from "./heap.ts";
import type { Attempt } from "./job.ts";

/** An attempt that is to be gone by some moment; when it is to be looked at. */
export interface AwaitedStop {
  readonly atMs: number;
  readonly attempt: Attempt;
}

/** The first one first. */
export function createAwaitedStops(): Heap<AwaitedStop> {
  return new Heap(isBefore);
}

function isBefore(one: AwaitedStop, other: AwaitedStop): boolean {
  const { attempt: a } = one;
  const { attempt: b } = other;
  return (one.atMs - other.atMs || a.job - b.job || a.task - b.task || a.attempt - b.attempt) < 0;
}
