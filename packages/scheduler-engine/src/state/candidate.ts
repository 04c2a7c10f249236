import type { Job } from "./job.ts";
import type { OrderInAccount } from "./order.ts";
import type { Shape } from "./queue.ts";

/** A job that waits in a placement pass. */
export interface Candidate extends OrderInAccount {
  readonly shape: Shape;
  readonly job: Job;
  readonly account: number;
  readonly walltimeMs: number;
  /** No other account has jobs of its shape: what it is told is true of all of them. */
  readonly isOnly: boolean;
  /** First of its account in its shape: what it learns is true of those behind it. */
  readonly isFirst: boolean;
  /** Asked for itself, although another account's job of the shape may go first. */
  readonly isPinned: boolean;
  /** It was told, when it was put in line, that it gets nothing without a squeeze or a preemption. */
  readonly isPoor: boolean;
}

/**
 * The same from pass to pass, as long as one job is the first of all of its shape: a long queue is lined up
 * again and again, and most of it stays where it is.
 */
export interface KeptCandidate extends Candidate {
  inClass: number;
  dueAtMs: number;
  isPoor: boolean;
}
