import type { Watts } from "@ertis/quantities";
import type { FailureCategory, JobNumber } from "./job-spec.ts";

/** Names one attempt for ever: job 12, task 0, attempt 2. */
export interface AttemptKey {
  readonly job: JobNumber;
  /** 0 for a job that is not an array. */
  readonly task: number;
  /** From 1. */
  readonly attempt: number;
}

/** The GPUs that one attempt holds: nodes of one site. */
export interface Placement {
  readonly site: string;
  /** Positions in `Site.nodes`, ascending. */
  readonly nodes: readonly number[];
  /** One bit per GPU of the node, lowest bit GPU 0; same order as `nodes`. */
  readonly gpuMasks: readonly number[];
  /** Growth of the in-force bound of these nodes that this attempt was admitted with. */
  readonly powerReserved: Watts;
  /**
   * Cap of every GPU of the gang at the start; 0: not capped. In force before anything of the
   * attempt runs: an executor sets the cap, then starts the program.
   */
  readonly capWatts: number;
}

export type StopReason = "cancelled" | "walltime" | "node" | "drain" | "preemption";

/** How an attempt ended, as the executor saw it. */
export type AttemptOutcome =
  | { readonly kind: "succeeded" }
  | {
      readonly kind: "failed";
      readonly category: FailureCategory;
      /** 0 when there was none. */
      readonly exitCode: number;
    };

/** What an executor reports. Late, repeated and unknown reports are harmless. */
export type Observation =
  | { readonly kind: "attempt-running"; readonly attempt: AttemptKey }
  | {
      readonly kind: "attempt-exited";
      readonly attempt: AttemptKey;
      readonly outcome: AttemptOutcome;
      /** What the attempt used, idle share of its GPUs included; absent where nobody measures. */
      readonly energyJoules?: number;
    }
  /** Nothing of the attempt runs on these nodes any more; empty: on none of its nodes. */
  | {
      readonly kind: "stop-confirmed";
      readonly attempt: AttemptKey;
      readonly nodes: readonly number[];
    }
  /** The GPUs of the attempt are held to the cap on these nodes; empty: on all it holds. */
  | {
      readonly kind: "cap-applied";
      readonly attempt: AttemptKey;
      readonly nodes: readonly number[];
      /** 0: no cap. */
      readonly capWatts: number;
      /** Number of the order it answers: word of an older one says nothing of what holds now. */
      readonly order: number;
    }
  /** A stop for preemption kept the work: the next attempt goes on from it. */
  | { readonly kind: "checkpointed"; readonly attempt: AttemptKey }
  /** The node no longer answers. It may still draw power, so its bound stays. */
  | { readonly kind: "node-lost"; readonly node: number }
  /** Power-off confirmed, for example by the BMC: the node draws nothing and runs nothing. */
  | { readonly kind: "node-powered-off"; readonly node: number }
  /** A powered-off or lost node asks to come back. Granted only when its idle watts fit. */
  | { readonly kind: "node-ready"; readonly node: number }
  /** Part of what feeds a domain (position in `Site.domains`) is gone: it carries only so much. */
  | {
      readonly kind: "supply-lost";
      readonly domain: number;
      readonly remaining: Watts;
      /** Name of what is gone, for people; absent: it is not known. */
      readonly supply?: string;
    }
  | { readonly kind: "supply-back"; readonly domain: number }
  /** Nobody answers for the whole site: what runs there is not known, and nothing can be started. */
  | { readonly kind: "cluster-away" }
  /** It answers. Reported after every connect. */
  | { readonly kind: "cluster-back" };
