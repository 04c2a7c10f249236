import type { BuiltInCurve } from "../model-curve.ts";
import { speedCurve, type Card } from "./cards.ts";

/**
 * NVIDIA H200-SXM of 700 W, from pairs of runs with and without the vendor's MaxQ settings. MaxQ also
 * trims clocks and fans, and Server mode is bound by latency targets, so these are lower bounds on what
 * a cap alone leaves.
 *
 * H100-SXM has the same architecture and the same rated watts and takes the same figures: an
 * assumption. No other architecture may: at the same part of its rated watts Hopper loses more than
 * A100 does.
 */
const measuredBy =
  "mlcommons/inference_results_v4.1, closed division, NVIDIA H200-SXM MaxQ against normal runs (Apache-2.0); lower bounds";

const cards: readonly Card[] = [
  { gpuModel: "H200-SXM", ratedWatts: 700, source: measuredBy },
  {
    gpuModel: "H100-SXM",
    ratedWatts: 700,
    source: `${measuredBy}; that H100-SXM behaves alike is an assumption`,
  },
];

export const hopperCurves: readonly BuiltInCurve[] = cards.flatMap((card) => [
  // The slower of the language models at each cap: gptj at 350 W, llama2-70b at 500 W, both in Server mode.
  speedCurve(card, "inference", [
    [350, 0.608],
    [500, 0.791],
  ]),
  speedCurve(card, "llama2-70b", [[500, 0.807]]),
  speedCurve(card, "llama2-70b-server", [[500, 0.791]]),
  speedCurve(card, "mixtral-8x7b", [[500, 0.83]]),
  speedCurve(card, "mixtral-8x7b-server", [[500, 0.796]]),
  speedCurve(card, "dlrm-v2", [[500, 0.79]]),
  speedCurve(card, "dlrm-v2-server", [[500, 0.718]]),
  speedCurve(card, "sdxl", [[450, 0.758]]),
  speedCurve(card, "bert", [[400, 0.737]]),
  speedCurve(card, "bert-server", [[400, 0.722]]),
  speedCurve(card, "resnet50", [[350, 0.735]]),
  speedCurve(card, "resnet50-server", [[400, 0.759]]),
  speedCurve(card, "retinanet", [[350, 0.748]]),
  speedCurve(card, "retinanet-server", [[400, 0.706]]),
  speedCurve(card, "gptj", [[350, 0.652]]),
  speedCurve(card, "gptj-server", [[350, 0.608]]),
]);
