import { BrokenCurve } from "./broken-curve.ts";
import { countedWatts, type CapCurve, type CapPoint, type CountedWatts } from "./curve.ts";

/** The first and the last point; a curve without points is a mistake of the program. */
export function endsOf(curve: CapCurve): { readonly first: CapPoint; readonly last: CapPoint } {
  const first = curve.points[0];
  const last = curve.points.at(-1);
  if (first === undefined || last === undefined) {
    throw new BrokenCurve("a cap curve has no points");
  }
  return { first, last };
}

/** Speed under a cap, 0 to 1; linear between points, the last point's above it. @throws BrokenCurve below the first point */
export function speedAt(curve: CapCurve, capWatts: number): number {
  return pointAt(curve, capWatts).speed;
}

/** Mean draw of a GPU under a cap, watts; as `speedAt`. */
export function drawAt(curve: CapCurve, capWatts: number): number {
  return pointAt(curve, capWatts).drawWatts;
}

/** The point of the curve at a cap, between its measured points too. */
export function pointAt(curve: CapCurve, capWatts: number): CapPoint {
  const { first } = endsOf(curve);
  // Also refuses a cap that is no number.
  if (!(capWatts >= first.capWatts)) {
    throw new BrokenCurve(
      `nothing is known at a cap of ${capWatts} W: the curve starts at ${first.capWatts} W`,
    );
  }
  let below = first;
  for (const point of curve.points) {
    if (point.capWatts >= capWatts) {
      return between(below, point, share(below.capWatts, point.capWatts, capWatts));
    }
    below = point;
  }
  return below;
}

/**
 * The fastest point that counts at most so many watts. Where draw no longer grows with the cap, the
 * highest cap is free. The first point when even that counts more.
 */
export function pointWithin(curve: CapCurve, counted: number, counts: CountedWatts): CapPoint {
  let below = endsOf(curve).first;
  for (const point of curve.points) {
    const high = countedWatts(point, counts);
    if (high > counted) {
      return between(below, point, share(countedWatts(below, counts), high, counted));
    }
    below = point;
  }
  return below;
}

/** The lowest cap in whole watts with at least this speed; the highest of the curve when none is as fast. */
export function lowestCapFor(curve: CapCurve, speedMin: number): number {
  const { first, last } = endsOf(curve);
  let below = first;
  for (const point of curve.points) {
    if (point.speed >= speedMin) {
      const part = share(below.speed, point.speed, speedMin);
      const cap = Math.floor(between(below, point, part).capWatts);
      return wholeCapFrom(curve, Math.max(cap, Math.ceil(first.capWatts)), speedMin);
    }
    below = point;
  }
  return Math.floor(last.capWatts);
}

/** The interpolated cap may be a hair off, and has a fraction: the next whole one or two settle it. */
function wholeCapFrom(curve: CapCurve, capWatts: number, speedMin: number): number {
  let cap = capWatts;
  while (speedAt(curve, cap) < speedMin) {
    cap += 1;
  }
  return cap;
}

function share(low: number, high: number, value: number): number {
  return high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 1;
}

function between(low: CapPoint, high: CapPoint, part: number): CapPoint {
  if (part === 1) {
    return high;
  }
  return {
    capWatts: low.capWatts + (high.capWatts - low.capWatts) * part,
    speed: low.speed + (high.speed - low.speed) * part,
    drawWatts: low.drawWatts + (high.drawWatts - low.drawWatts) * part,
  };
}
