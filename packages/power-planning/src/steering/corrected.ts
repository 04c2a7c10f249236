import type { CapCurve } from "../curves/curve.ts";
import { pointAt } from "../curves/read-curve.ts";
import { pointDrawing } from "./belief.ts";

/** What was seen of a job: its draw ÷ its curve, and the cap that was in force. */
export interface SeenDraw {
  readonly ratio: number;
  readonly capWatts: number;
  /** The part that it draws where its cap holds it back, if it leaves some of it now; absent: that is not known. */
  readonly heldRatio?: number;
}

/** Of what draws less than this of its curve nobody knows whether a lower cap saves anything. */
const savesFromRatio = 0.8;
/**
 * A GPU that a cap has never held back is planned to draw so much of its curve where one does: with what every plan
 * leaves free of a target that is one deviation of what curves are believed to be wrong by.
 */
const unseenHeldRatio = 1.01;

/** Nobody has seen yet what its caps leave a job: all that its curve says, and what it was seen to draw beyond that. */
export function unseenHeld(ratio: number): number {
  return Math.max(unseenHeldRatio, ratio);
}

/** Draw rises with the cap, if by next to nothing. */
const leastRise = 0.001;

/**
 * The curve with its draw as measured: every point times the ratio. A job far below its curve may be one
 * that no cap holds back: then lower ones save nothing until they are below what it draws. Rising stays
 * rising. A part more than the curve is no part more than a cap: what one cap was seen to hold, others hold.
 */
export function seenCurve(curve: CapCurve, seen: SeenDraw): CapCurve {
  const lowest = curve.points[0]?.capWatts ?? 0;
  const { capWatts, drawWatts } = pointAt(curve, Math.max(seen.capWatts, lowest));
  const passedShare = Math.max(1, (seen.ratio * drawWatts) / capWatts);
  const points = timesRatio(curve, seen).points.map((point) => ({
    ...point,
    drawWatts: Math.min(point.drawWatts, point.capWatts * passedShare),
  }));
  return { points };
}

function timesRatio(curve: CapCurve, { ratio, capWatts, heldRatio }: SeenDraw): CapCurve {
  if (heldRatio === undefined && ratio >= savesFromRatio) {
    return correctedCurve(curve, ratio);
  }
  const seen = pointAt(curve, Math.max(capWatts, curve.points[0]?.capWatts ?? 0));
  const held = heldRatio ?? savesFromRatio;
  // Between two points of the curve a job may begin to be held back, too.
  const elbow = pointDrawing(curve, (ratio * seen.drawWatts) / held);
  const lower = curve.points.filter((point) => point.capWatts < elbow.capWatts);
  const upper = curve.points.filter((point) => point.capWatts > elbow.capWatts);
  const below = [...lower, elbow, ...upper]
    .filter((point) => point.capWatts < seen.capWatts)
    .map((point) => {
      const levelWatts =
        ratio * seen.drawWatts * (1 - leastRise * (1 - point.capWatts / seen.capWatts));
      return { ...point, drawWatts: Math.min(levelWatts, held * point.drawWatts) };
    });
  const above = curve.points
    .filter((point) => point.capWatts > seen.capWatts)
    .map((point) => ({ ...point, drawWatts: point.drawWatts * ratio }));
  return { points: [...below, { ...seen, drawWatts: seen.drawWatts * ratio }, ...above] };
}

function correctedCurve(curve: CapCurve, ratio: number): CapCurve {
  return {
    points: curve.points.map((point) => ({ ...point, drawWatts: point.drawWatts * ratio })),
  };
}

/**
 * What a job can draw at most, as far as anybody knows who does not measure it or sees it draw all of its cap: its cap,
 * or what it was seen to draw if that was more.
 */
export function boundCurve(curve: CapCurve, ratio: number, capPart: number): CapCurve {
  return {
    points: curve.points.map((point) => ({
      ...point,
      drawWatts: Math.max(capPart * point.capWatts, point.drawWatts * ratio),
    })),
  };
}
