import type { CapPoint } from "./curve.ts";

/**
 * A curve with whom it holds for. Classes of work have one short vocabulary, so that a job can name its
 * own without knowing what was measured: `pre-train`, `fine-tune`, `inference`. Beside these every
 * measured workload stands under its own name (`pt_mpt_13b_lg`, `llama2-70b`).
 */
export interface ModelCurve {
  /** A model or the start of its name: `A100-SXM` holds for `A100-SXM-80GB` too. */
  readonly gpuModel: string;
  readonly workloadClass: string;
  readonly points: readonly CapPoint[];
  /** Where the figures come from, with licence. */
  readonly source: string;
}

/** What it takes to find a curve. */
export type CurveOfClass = Pick<ModelCurve, "gpuModel" | "workloadClass" | "points">;

export interface BuiltInCurve extends ModelCurve {
  /** The highest cap of the card, at which speed is 1. */
  readonly ratedWatts: number;
  /** Draw of a GPU whose job is paused; undefined: not known for this card. */
  readonly idleWatts: number | undefined;
}

/**
 * The curve of a class on a model: its own; else, for a class that nobody measured, the slowest known
 * of the model; undefined when the model has none, and then it is not capped. Earlier curves win over
 * later ones, so a site's own come first in the list.
 */
export function curveFor<Curve extends CurveOfClass>(
  curves: readonly Curve[],
  gpuModel: string,
  workloadClass: string,
): Curve | undefined {
  const ofModel = curvesOfModel(curves, gpuModel);
  return ofModel.find((curve) => curve.workloadClass === workloadClass) ?? slowest(ofModel);
}

/** The curves of a model; those of the start of its name where it has none of its own. */
export function curvesOfModel<Curve extends CurveOfClass>(
  curves: readonly Curve[],
  gpuModel: string,
): readonly Curve[] {
  const named = curves.filter((curve) => curve.gpuModel === gpuModel);
  return named.length > 0
    ? named
    : curves.filter((curve) => gpuModel.startsWith(`${curve.gpuModel}-`));
}

/** By mean speed over the caps that all of them cover; the earlier one of equals. */
function slowest<Curve extends CurveOfClass>(curves: readonly Curve[]): Curve | undefined {
  let lowCap = 0;
  for (const { points } of curves) {
    lowCap = Math.max(lowCap, points[0]?.capWatts ?? 0);
  }
  let found: Curve | undefined;
  let foundLoss = -1;
  for (const curve of curves) {
    const loss = meanLoss(curve.points, lowCap);
    if (loss > foundLoss) {
      found = curve;
      foundLoss = loss;
    }
  }
  return found;
}

/** Speed missing to full, as a mean over the caps from a low one up. */
function meanLoss(points: readonly CapPoint[], lowCap: number): number {
  const last = points.at(-1);
  if (last === undefined || last.capWatts <= lowCap) {
    return 0;
  }
  let area = 0;
  for (const [at, high] of points.entries()) {
    const low = points[at - 1];
    if (low !== undefined && high.capWatts > lowCap) {
      const from = Math.max(low.capWatts, lowCap);
      const slope = (high.speed - low.speed) / (high.capWatts - low.capWatts);
      const speedFrom = low.speed + slope * (from - low.capWatts);
      area += ((1 - speedFrom + (1 - high.speed)) / 2) * (high.capWatts - from);
    }
  }
  return area / (last.capWatts - lowCap);
}
