import type { CapRule } from "./drive-feed.ts";
import type { PaceModel } from "./pace.ts";

/** A measured kind of node, and what is asked of it. */
export interface Scene {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly ratedWatts: number;
  readonly idleWatts: number;
  /** GPUs at their lowest limit (200 W of 700 or 1,000), the rest as idle. */
  readonly floorCapWatts: number;
  readonly secondCount: number;
  readonly cases: readonly SceneCase[];
}

export interface SceneCase {
  readonly extraShare: number;
  readonly gangCount: number | "each node";
  readonly rule: CapRule;
  readonly pace: PaceModel;
  /** Part of the work that may be lost at most, and how much more work all nodes do at least. */
  readonly goal?: { readonly lostMost?: number; readonly moreWorkLeast?: number };
}

function ask(
  extraShare: number,
  gangCount: number | "each node",
  rule: CapRule,
  pace: PaceModel = "hopper",
): SceneCase {
  return { extraShare, gangCount, rule, pace };
}

const air: Scene = {
  name: "8×H100, air, LoRA, 8 nodes (MLPerf Training v4.1)",
  file: "mlperf/h100_air_lora_8nodes_watts.csv",
  sha256: "f1ed7ae93e50b93b9ebcb7cdff470db59596422e53419d2529e02241675534cc",
  ratedWatts: 10_200,
  idleWatts: 2_850,
  floorCapWatts: 4_000,
  secondCount: 3 * 311,
  cases: [
    ask(0.16, 1, "fixed"),
    ask(0.17, 1, "moving"),
    { ...ask(0.18, 1, "moving"), goal: { lostMost: 0.001 } },
    ask(0.18, 1, "moving", "proportional"),
    ask(0.18, 1, "fixed"),
    ask(0.18, 1, "even"),
    ask(0.18, 1, "foresight"),
    { ...ask(0.25, 16, "moving"), goal: { moreWorkLeast: 0.22 } },
    ask(0.25, 16, "moving", "proportional"),
    ask(0.25, 16, "fixed"),
    ask(0.25, 16, "even"),
    ask(0.25, 16, "foresight"),
    ask(0.25, 32, "moving"),
    ask(0.25, 1, "moving"),
    ask(0.3, 16, "moving"),
    ask(0.3, 16, "foresight"),
  ],
};

const immersion: Scene = {
  name: "8×H100, immersion, GPT-3, 64 nodes (MLPerf Training v4.0)",
  file: "mlperf/h100_gpt3_64nodes_watts.csv",
  sha256: "4b43d49300173dc9bed4f4b25b9de6d575770659641ed7de6089cecfd905053e",
  ratedWatts: 10_200,
  idleWatts: 2_100,
  floorCapWatts: 3_200,
  secondCount: 1_138,
  cases: [
    ask(0.35, 1, "even"),
    { ...ask(0.35, 1, "moving"), goal: { moreWorkLeast: 0.35 } },
    ask(0.4, 1, "moving"),
    ask(0.42, 1, "moving"),
    ask(0.42, 1, "fixed"),
    ask(0.42, 1, "foresight"),
    ask(0.44, 16, "moving"),
    ask(0.44, 16, "foresight"),
  ],
};

const b200: Scene = {
  name: "8×B200, liquid, LoRA, 1 node (MLPerf Training v5.0)",
  file: "mlperf/b200_lora_1node_watts.csv",
  sha256: "620f7493a9ff6ae099a33958eff36612f75e44f59e96660b3f4808ee183198b9",
  ratedWatts: 14_300,
  idleWatts: 2_700,
  floorCapWatts: 3_900,
  secondCount: 658,
  cases: [
    ask(0.37, "each node", "even"),
    ask(0.37, 1, "moving"),
    ask(0.45, "each node", "moving"),
    ask(0.45, "each node", "even"),
    ask(0.48, "each node", "moving"),
  ],
};

export const scenes: readonly Scene[] = [immersion, air, b200];
