import type { CapCurve } from "../curves/curve.ts";

/** The curve with its draw as measured: every point times the ratio. Rising stays rising. */
export function correctedCurve(curve: CapCurve, ratio: number): CapCurve {
  return {
    points: curve.points.map((point) => ({ ...point, drawWatts: point.drawWatts * ratio })),
  };
}

/**
 * What a job can draw at most, as far as anybody knows who does not measure it: its cap, or what it
 * was seen to draw if that was more.
 */
export function boundCurve(curve: CapCurve, ratio: number): CapCurve {
  return {
    points: curve.points.map((point) => ({
      ...point,
      drawWatts: Math.max(point.capWatts, point.drawWatts * ratio),
    })),
  };
}
