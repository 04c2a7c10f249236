import type { Instant, Milliseconds } from "@ertis/quantities";
import type { JobNumber } from "./job-spec.ts";
import type { Rejection } from "./rejection.ts";

/** A promised start that cannot be kept as it was promised. */
export interface MovedPromise {
  readonly job: JobNumber;
  readonly from: PromisedStart;
  /** Absent: it is not kept, and a later pass promises another as soon as one can be. */
  readonly to?: PromisedStart;
}

export interface PromisedStart {
  readonly start: Instant;
  /** 0: full power. */
  readonly capWatts: number;
  /** When it would be done. */
  readonly end: Instant;
}

/** What a curtailment that is announced all the same is foreseen to miss. */
export interface ForeseenMiss {
  /** Before its end. */
  readonly isTargetMet: boolean;
  /** From the start until the target holds; the whole length where it is not met. */
  readonly timeToTarget: Milliseconds;
  /** The same where nodes are off within seconds, as mostly; undefined: it holds no sooner then. */
  readonly usualTimeToTarget: Milliseconds | undefined;
  /** Jobs that lose more than their tiers allow. */
  readonly tierBrokenCount: number;
  readonly nodesOffCount: number;
}

export type SubmitResult =
  | {
      readonly kind: "accepted";
      readonly job: JobNumber;
      /** The same request came before: this is the answer it got then. */
      readonly isRepeat: boolean;
    }
  | Rejection;

export type ChangeResult = { readonly kind: "changed"; readonly job: JobNumber } | Rejection;

/** What a caller is told; never before the events behind it are durable. */
export type Reply =
  /** One result an item, in order. */
  | { readonly kind: "submitted"; readonly results: readonly SubmitResult[] }
  /** One result a job, in order. */
  | { readonly kind: "jobs-changed"; readonly results: readonly ChangeResult[] }
  /** Nodes that asked to come back and have to stay off for want of watts. */
  | { readonly kind: "reported"; readonly refusedNodes: readonly number[] }
  /** With the promised starts that a curtailment, a budget or nodes out of service move, where they do. */
  | {
      readonly kind: "done";
      readonly moved?: readonly MovedPromise[];
      /** Of a curtailment; absent: nothing. */
      readonly missed?: ForeseenMiss;
    }
  | Rejection;
