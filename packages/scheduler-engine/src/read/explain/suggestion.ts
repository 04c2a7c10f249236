import type { FlexibilityTier } from "../../words/job-spec.ts";

/** One change of the request with which the job would start at once, or sooner. */
export type Suggestion =
  | { readonly kind: "shorter-walltime"; readonly walltimeMs: number }
  | {
      readonly kind: "lower-cap";
      readonly capWatts: number;
      /** The tier that it takes: caps that the job's own tier allows are tried by every pass. */
      readonly tierPercent: FlexibilityTier;
    }
  | {
      readonly kind: "other-site";
      readonly site: string;
      readonly gpuModel: string;
      /** What of the request has to change, if one thing is enough. */
      readonly field: "site" | "gpu-model";
      /** Absent: at once. */
      readonly startMs?: number;
    }
  | {
      readonly kind: "fewer-nodes";
      readonly nodeCount: number;
      /** As few as the job is content with now, which are more; absent: it wants all of its nodes. */
      readonly leastNow?: number;
      /** Why one node more does not fit, where free GPUs alone would allow it. */
      readonly boundBy?: "power" | "kept-nodes";
      /** Absent: at once. */
      readonly startMs?: number;
    };
