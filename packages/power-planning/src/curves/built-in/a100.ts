import type { CapPoint } from "../curve.ts";
import type { BuiltInCurve } from "../model-curve.ts";

/**
 * NVIDIA A100-SXM of 400 W: a sweep of eight workloads on 256 of them in a production cluster. A gang
 * that was paused there drew 50 to 60 W a GPU.
 */
const source =
  "ai-emerald/emerald-ai-demo-may-2025, data/dvfs_sweep.csv (Apache-2.0), speeds and mean watts of a GPU rounded";

const caps = [100, 200, 250, 300, 350, 400];

/** Speeds in thousandths and mean watts, beside the caps. */
type Row = readonly [speeds: readonly number[], draws: readonly number[]];

const fineTuneDolly: Row = [
  [241, 807, 904, 951, 980, 1000],
  [100, 196, 244, 288, 321, 346],
];
const fineTuneP3: Row = [
  [228, 784, 878, 937, 967, 1000],
  [100, 195, 240, 286, 317, 343],
];
const inferLlama: Row = [
  [225, 781, 871, 931, 976, 1000],
  [98, 195, 242, 289, 333, 368],
];
const preTrain13bLarge: Row = [
  [191, 624, 781, 860, 921, 1000],
  [102, 196, 245, 291, 337, 382],
];
const preTrain13bSmall: Row = [
  [191, 638, 783, 866, 912, 1000],
  [103, 195, 243, 287, 331, 377],
];
const preTrain7b: Row = [
  [175, 626, 787, 874, 935, 1000],
  [100, 198, 247, 296, 343, 388],
];

/** The common classes take the slowest measured workload of their kind. */
export const a100Curves: readonly BuiltInCurve[] = [
  curve("fine-tune", fineTuneP3),
  curve("inference", inferLlama),
  curve("pre-train", preTrain13bLarge),
  curve("ft_llama_8b_dolly", fineTuneDolly),
  curve("ft_llama_8b_p3", fineTuneP3),
  curve("infer_llama_8b", inferLlama),
  curve("pt_mpt_13b_lg", preTrain13bLarge),
  curve("pt_mpt_13b_sm", preTrain13bSmall),
  curve("pt_mpt_7b_fast", preTrain7b),
];

function curve(workloadClass: string, [speeds, draws]: Row): BuiltInCurve {
  const points = caps.map((capWatts, at): CapPoint => ({
    capWatts,
    speed: (speeds[at] ?? 0) / 1000,
    drawWatts: draws[at] ?? 0,
  }));
  return { gpuModel: "A100-SXM", workloadClass, points, source, ratedWatts: 400, idleWatts: 60 };
}
