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
 * The curve of a job that leaves a part of what its cap allows, as its next cap may change it: lower ones cost nothing
 * down to what it takes, and then as they do where it is held back; above, it might take what its curve says.
 */
export interface FreeCurve {
  readonly curve: CapCurve;
  /** From here up to the cap in force nothing changes. */
  readonly elbowCapWatts: number;
}

export function freeCurve(curve: CapCurve, inForceCapWatts: number, belief: Belief): FreeCurve {
  const { ratio } = belief;
  const { first } = endsOf(curve);
  const inForce = pointAt(curve, Math.max(inForceCapWatts, first.capWatts));
  const takenWatts = believedDraw(curve, inForce.capWatts, belief);
  const elbow = pointDrawing(curve, takenWatts / ratio);
  const scale = inForce.speed / elbow.speed;
  const below = curve.points
    .filter(({ capWatts }) => capWatts < elbow.capWatts)
    .map((point) => held(point, { scale, ratio }));
  const above = curve.points
    .filter(({ capWatts }) => capWatts > inForce.capWatts)
    .map((point) => ({
      ...point,
      drawWatts: takenWatts + ratio * (point.drawWatts - inForce.drawWatts),
    }));
  const atElbow = {
    ...held(elbow, { scale, ratio }),
    drawWatts: takenWatts * (elbow.capWatts < inForce.capWatts ? 1 - leastRise : 1),
  };
  const points =
    elbow.capWatts < inForce.capWatts
      ? [...below, atElbow, { ...inForce, drawWatts: takenWatts }, ...above]
      : [...below, atElbow, ...above];
  return { curve: { points }, elbowCapWatts: elbow.capWatts };
}

function held(
  point: CapPoint,
  { scale, ratio }: { readonly scale: number; readonly ratio: number },
): CapPoint {
  return { ...point, speed: point.speed * scale, drawWatts: point.drawWatts * ratio };
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
