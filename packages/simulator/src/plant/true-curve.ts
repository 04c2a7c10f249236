import type { CapPoint } from "@ertis/power-planning";

/** A job's own curve: what is measured for its class, bent by what nobody measured. */
export interface TrueCurve {
  readonly highestCapWatts: number;
  /** Parts of full speed. */
  speedAt(capWatts: number): number;
  /** Watts of a GPU. */
  drawAt(capWatts: number): number;
}

/** Linear between points; below the first point along a line to nothing, since hardware goes on there. */
export function trueCurve(points: readonly CapPoint[], lossFactor: number): TrueCurve {
  const last = points.at(-1) ?? { capWatts: 0, speed: 1, drawWatts: 0 };
  const at = (capWatts: number): { readonly speed: number; readonly drawWatts: number } => {
    let below: CapPoint = { capWatts: 0, speed: 0, drawWatts: 0 };
    for (const point of points) {
      if (capWatts <= point.capWatts) {
        const part = (capWatts - below.capWatts) / (point.capWatts - below.capWatts);
        return {
          speed: below.speed + part * (point.speed - below.speed),
          drawWatts: below.drawWatts + part * (point.drawWatts - below.drawWatts),
        };
      }
      below = point;
    }
    return last;
  };
  const effective = (capWatts: number): number => (capWatts === 0 ? last.capWatts : capWatts);
  return {
    highestCapWatts: last.capWatts,
    speedAt: (capWatts) => Math.max(0.01, 1 - (1 - at(effective(capWatts)).speed) * lossFactor),
    drawAt: (capWatts) => {
      const cap = effective(capWatts);
      return Math.min(cap, at(cap).drawWatts);
    },
  };
}
