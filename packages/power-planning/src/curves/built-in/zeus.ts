import type { BuiltInCurve } from "../model-curve.ts";
import { speedCurve, type Card } from "./cards.ts";

const measuredBy = "ml-energy/zeus, summary_power_*.csv (Apache-2.0)";
const v100: Card = { gpuModel: "V100-PCIe", ratedWatts: 250, source: measuredBy };
const a40: Card = { gpuModel: "A40", ratedWatts: 300, source: measuredBy };

const v100Bert = [
  [100, 0.498],
  [125, 0.653],
  [150, 0.805],
  [175, 0.896],
  [200, 0.937],
  [225, 0.977],
] as const;
const v100Resnet = [
  [100, 0.584],
  [125, 0.771],
  [150, 0.874],
  [175, 0.918],
  [200, 0.953],
  [225, 0.982],
] as const;
const v100Speech = [
  [100, 0.716],
  [125, 0.841],
  [150, 0.881],
  [175, 0.923],
  [200, 0.956],
  [225, 0.988],
] as const;
const a40Bert = [
  [100, 0.258],
  [125, 0.365],
  [150, 0.554],
  [175, 0.771],
  [200, 0.888],
  [225, 0.95],
  [250, 0.967],
] as const;

/** Training; BERT-squad is a fine-tuning, ResNet-50 a training from the start. */
export const zeusCurves: readonly BuiltInCurve[] = [
  speedCurve(v100, "fine-tune", v100Bert),
  speedCurve(v100, "pre-train", v100Resnet),
  speedCurve(v100, "bert-squad", v100Bert),
  speedCurve(v100, "resnet50", v100Resnet),
  speedCurve(v100, "deepspeech2", v100Speech),
  neuralFiltering(),
  speedCurve(a40, "fine-tune", a40Bert),
  speedCurve(a40, "bert-squad", a40Bert),
];

/** Neural collaborative filtering draws 40 W whatever the cap is, and is never slowed. */
function neuralFiltering(): BuiltInCurve {
  const curve = speedCurve(v100, "ncf", [[100, 1]]);
  return { ...curve, points: curve.points.map((point) => ({ ...point, drawWatts: 40 })) };
}
