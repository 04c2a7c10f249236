import type {
  DependencyCondition,
  DrainAction,
  FailureCategory,
  PriorityClass,
} from "@ertis/scheduler-engine";

/** A wish whose picks are resolved against the state of the moment, so that shrinking keeps sense. */
export interface SubmitWish {
  readonly nodeCount: number;
  readonly gpusPerNode: number;
  readonly gpuModel: string;
  readonly sitePick: number;
  readonly walltimeMinutes: number;
  readonly priorityClass: PriorityClass;
  readonly beginInMinutes: number | undefined;
  readonly dependencies: readonly {
    readonly pick: number;
    readonly condition: DependencyCondition;
  }[];
  readonly taskCount: number;
  readonly taskThrottle: number;
  readonly maxRetries: number;
  readonly isHeld: boolean;
  readonly flexibilityTier: 0 | 10 | 25 | 50;
  readonly workloadClass: string;
  readonly capMinWatts: number;
  /** It also runs on so many nodes fewer, or for only a part of its walltime. */
  readonly nodesLess: number;
  readonly walltimePercent: number;
  readonly hasCheckpoint: boolean;
  /** An earlier request id is sent again, with the same body or another. */
  readonly repeat: { readonly pick: number; readonly isSameBody: boolean } | undefined;
}

export type Step =
  | { readonly kind: "submit"; readonly owner: string; readonly wishes: readonly SubmitWish[] }
  | {
      readonly kind: "change";
      readonly what: "cancel-jobs" | "hold-jobs" | "release-jobs";
      readonly picks: readonly number[];
      readonly by: "owner" | "operator" | "other";
    }
  | { readonly kind: "advance"; readonly minutes: number; readonly isExact: boolean }
  /** One attempt goes on to its next stage, as a real one would. */
  | {
      readonly kind: "progress";
      readonly picks: readonly number[];
      readonly outcome: "succeeded" | FailureCategory;
    }
  /** Nodes answer what caps were asked of them, some never. */
  | {
      readonly kind: "caps";
      readonly picks: readonly number[];
      /** 0: the newest order; else one that is not. */
      readonly orderShift: number;
      readonly answers: "all" | "some";
    }
  /** Minute after minute GPUs are measured at a part of the cap they may have: for twenty of them, and it is learned. */
  | {
      readonly kind: "measure";
      readonly sitePick: number;
      readonly minutes: number;
      readonly capPart: number;
    }
  /** Something late, repeated or made up. */
  | {
      readonly kind: "wild";
      readonly what: "attempt-running" | "attempt-exited" | "stop-confirmed" | "checkpointed";
      readonly pick: number;
      readonly attemptShift: number;
      readonly nodes: readonly number[];
      readonly sitePick: number;
    }
  | {
      readonly kind: "node";
      readonly what: "node-lost" | "node-powered-off" | "node-ready";
      readonly sitePick: number;
      readonly pick: number;
    }
  | {
      readonly kind: "operate";
      readonly what: "cordon-nodes" | "uncordon-nodes" | "confirm-power-off";
      readonly sitePick: number;
      readonly picks: readonly number[];
    }
  | {
      readonly kind: "drain";
      readonly sitePick: number;
      readonly picks: readonly number[];
      readonly inMinutes: number;
      readonly thenDo: DrainAction;
    }
  | {
      readonly kind: "budget";
      readonly id: number;
      readonly sitePick: number;
      readonly domainPick: number;
      readonly percent: number;
      readonly fromMinutes: number;
      readonly lastsMinutes: number | undefined;
    }
  | { readonly kind: "remove-budget"; readonly id: number }
  | { readonly kind: "edit-site"; readonly pick: number }
  | { readonly kind: "tick" }
  | { readonly kind: "place" };
