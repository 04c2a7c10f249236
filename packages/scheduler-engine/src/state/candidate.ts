import type { Holding } from "@ertis/power-planning";
import type { Job } from "./job.ts";
import type { OrderInAccount } from "./order.ts";
import type { Shape } from "./queue.ts";
import type { Pool } from "./site-state.ts";

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
  /** Known of one that is kept from pass to pass. */
  readonly needs: LeastNeeds | undefined;
}

/**
 * The same from pass to pass, as long as one job is the first of all of its shape: a long queue is lined up
 * again and again, and most of it stays where it is.
 */
export interface KeptCandidate extends Candidate {
  inClass: number;
  dueAtMs: number;
  isPoor: boolean;
  /** What the job says of it: before this it has its place by its class alone. */
  readonly dueFromMs: number;
  readonly needs: LeastNeeds;
}

/**
 * What a job needs at the least wherever it may go, whatever runs there: most of a long queue is told by it that there
 * is no room, without a look at the job. Good for one version of the sites.
 */
export interface LeastNeeds {
  readonly sitesVersion: number;
  readonly pools: readonly Pool[];
  readonly nodeCount: number;
  /** It can be no less at the feed, scaled. */
  readonly feedScaled: number;
  /** What it counts for at its accounts, with its fewest nodes and at its lowest cap, and whole at full power. */
  readonly smallest: Holding;
  readonly whole: Holding;
}
