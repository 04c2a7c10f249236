import type { JobNumber } from "../words/job-spec.ts";
import { Heap } from "./heap.ts";

/** Something that falls due for a job or one of its attempts. */
export interface Timer {
  readonly atMs: number;
  readonly kind: "begin" | "warn-walltime" | "end-walltime";
  readonly job: JobNumber;
  readonly task: number;
  readonly attempt: number;
}

const kinds = ["begin", "warn-walltime", "end-walltime"] as const;

/** What falls due when. Entries whose job or attempt is gone are skipped when they come up. */
export class Timers {
  readonly #heap = new Heap<Timer>(isBefore);

  get size(): number {
    return this.#heap.size;
  }

  add(timer: Timer): void {
    this.#heap.push(timer);
  }

  nextAtMs(): number | undefined {
    return this.#heap.peek()?.atMs;
  }

  /** The earliest timer that is due, taken out. */
  takeDue(nowMs: number): Timer | undefined {
    const first = this.#heap.peek();
    return first !== undefined && first.atMs <= nowMs ? this.#heap.pop() : undefined;
  }
}

/** Total: two timers never tie, so every machine sees them in one order. */
function isBefore(a: Timer, b: Timer): boolean {
  if (a.atMs !== b.atMs) {
    return a.atMs < b.atMs;
  }
  if (a.kind !== b.kind) {
    return kinds.indexOf(a.kind) < kinds.indexOf(b.kind);
  }
  if (a.job !== b.job) {
    return a.job < b.job;
  }
  return a.task === b.task ? a.attempt < b.attempt : a.task < b.task;
}
