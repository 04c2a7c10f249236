import type { CapCurve, CapPoint } from "../curves/curve.ts";
import { drawAt, endsOf, pointAt } from "../curves/read-curve.ts";

/**
 * What is believed of a job's draw: a part of its curve where its cap holds it back, and at most what it takes by
 * itself where that is known. A GPU whose work asks for three quarters of its power draws them under any cap above.
 */
export interface Belief {
  /** Draw ÷ curve where its cap holds it back. */
  readonly ratio: number;
  /** Absent: it was never seen to leave anything of its cap. */
  readonly free?: FreeDraw;
}

/** What no cap up to this one holds back: a part of the curve at it. What a higher one gives, nobody has seen. */
export interface FreeDraw {
  readonly ratio: number;
  readonly capWatts: number;
}

/** Draw rises with the cap, if by next to nothing. */
const leastRise = 0.001;

/** Watts of one GPU under a cap, which may lie below the curve. */
export function believedDraw(curve: CapCurve, capWatts: number, belief: Belief): number {
  const cap = Math.max(capWatts, curve.points[0]?.capWatts ?? 0);
  const heldWatts = belief.ratio * drawAt(curve, cap);
  return Math.min(heldWatts, freeDraw(curve, cap, belief));
}

function freeDraw(curve: CapCurve, capWatts: number, { free }: Belief): number {
  return free === undefined
    ? Infinity
    : free.ratio * drawAt(curve, Math.max(capWatts, free.capWatts));
}

/** Does the job leave a part of what its cap allows? */
export function isFree(curve: CapCurve, capWatts: number, belief: Belief): boolean {
  const cap = Math.max(capWatts, curve.points[0]?.capWatts ?? 0);
  return freeDraw(curve, cap, belief) < belief.ratio * drawAt(curve, cap);
}

/**
 * The curve of a job of which it is known what it takes by itself: lower caps cost nothing down to that, and then as
 * they do where it is held back; above the highest cap under which that was seen it might take what its curve says.
 * Speeds are those of its curve, as losses are told and floors planned.
 */
export interface FreeCurve {
  readonly curve: CapCurve;
  /** From here up to the highest cap that was seen nothing changes. */
  readonly elbowCapWatts: number;
}

export function freeCurve(curve: CapCurve, inForceCapWatts: number, belief: Belief): FreeCurve {
  const { ratio, free } = belief;
  const { first } = endsOf(curve);
  const seenCapWatts = Math.max(inForceCapWatts, free?.capWatts ?? 0, first.capWatts);
  const seen = pointAt(curve, seenCapWatts);
  const takenWatts = believedDraw(curve, seen.capWatts, belief);
  const elbow = pointDrawing(curve, takenWatts / ratio);
  const below = curve.points
    .filter(({ capWatts }) => capWatts < elbow.capWatts)
    .map((point) => ({ ...point, drawWatts: point.drawWatts * ratio }));
  const above = curve.points
    .filter(({ capWatts }) => capWatts > seen.capWatts)
    .map((point) => ({
      ...point,
      drawWatts: takenWatts + ratio * (point.drawWatts - seen.drawWatts),
    }));
  const flat =
    elbow.capWatts < seen.capWatts
      ? [
          { ...elbow, drawWatts: takenWatts * (1 - leastRise) },
          { ...seen, drawWatts: takenWatts },
        ]
      : [{ ...elbow, drawWatts: takenWatts }];
  return { curve: { points: [...below, ...flat, ...above] }, elbowCapWatts: elbow.capWatts };
}

/** The lowest point of a curve that draws so much, or its first or last one. */
export function pointDrawing(curve: CapCurve, watts: number): CapPoint {
  const { first, last } = endsOf(curve);
  let below = first;
  for (const point of curve.points) {
    if (point.drawWatts >= watts) {
      const rise = point.drawWatts - below.drawWatts;
      const part = rise > 0 ? Math.max(0, (watts - below.drawWatts) / rise) : 1;
      return pointAt(curve, below.capWatts + part * (point.capWatts - below.capWatts));
    }
    below = point;
  }
  return last;
}
