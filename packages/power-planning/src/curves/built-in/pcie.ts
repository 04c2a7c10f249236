import type { BuiltInCurve } from "../model-curve.ts";
import { speedCurve, type Card } from "./cards.ts";

const measuredBy = "mlcommons/inference_results_v3.0, power runs (Apache-2.0)";
const h100: Card = { gpuModel: "H100-PCIe", ratedWatts: 350, source: measuredBy };
const a100: Card = { gpuModel: "A100-PCIe", ratedWatts: 300, source: measuredBy };

/** One cap each was measured; the language model stands for inference. */
export const pcieCurves: readonly BuiltInCurve[] = [
  speedCurve(h100, "inference", [[290, 0.842]]),
  speedCurve(h100, "bert", [[290, 0.842]]),
  speedCurve(h100, "resnet50", [[215, 0.773]]),
  speedCurve(h100, "rnnt", [[200, 0.828]]),
  speedCurve(h100, "3d-unet", [[200, 0.704]]),
  speedCurve(a100, "inference", [[240, 0.875]]),
  speedCurve(a100, "bert", [[240, 0.875]]),
  speedCurve(a100, "resnet50", [[195, 0.803]]),
  speedCurve(a100, "rnnt", [[180, 0.794]]),
  // oxlint-disable-next-line oxc/approx-constant -- measured, not the logarithm of 2
  speedCurve(a100, "3d-unet", [[165, 0.693]]),
];
