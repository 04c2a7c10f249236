import type { CapCurve, CapPoint } from "./curve.ts";

export type CheckedCurve =
  | { readonly kind: "curve"; readonly curve: CapCurve }
  /** `at` is the position of the point, from 0; the message is a sentence for the owner of the file. */
  | { readonly kind: "problem"; readonly at: number; readonly message: string };

/** Takes points as a curve, or says what is wrong with the first that is. */
export function checkCurve(points: readonly CapPoint[]): CheckedCurve {
  const last = points.at(-1);
  if (last === undefined) {
    return problem(0, "a curve has no points; give at least the one at full power, with speed 1");
  }
  for (const [at, point] of points.entries()) {
    const message = wrongPoint(point) ?? wrongOrder(points[at - 1], point);
    if (message !== undefined) {
      return problem(at, message);
    }
  }
  if (last.speed !== 1) {
    return problem(
      points.length - 1,
      `the highest cap, ${last.capWatts} W, has speed ${last.speed}; it is full power and must have speed 1`,
    );
  }
  return { kind: "curve", curve: { points } };
}

function problem(at: number, message: string): CheckedCurve {
  return { kind: "problem", at, message };
}

function wrongPoint({ capWatts, speed, drawWatts }: CapPoint): string | undefined {
  if (!Number.isFinite(capWatts) || capWatts <= 0) {
    return `a cap of ${capWatts} W; a cap is a number of watts above 0`;
  }
  if (!Number.isFinite(speed) || speed <= 0 || speed > 1) {
    return `at ${capWatts} W the speed is ${speed}; speed is a part of full speed, above 0 up to 1`;
  }
  if (!Number.isFinite(drawWatts) || drawWatts <= 0 || drawWatts > capWatts * overshootMax) {
    return `at ${capWatts} W the draw is ${drawWatts} W; mean draw is above 0 and not above the cap (5 % are left for measuring)`;
  }
  return undefined;
}

/** Published sweeps have means up to 3 % above the cap at the lowest settings. */
const overshootMax = 1.05;

function wrongOrder(before: CapPoint | undefined, point: CapPoint): string | undefined {
  if (before === undefined) {
    return undefined;
  }
  if (point.capWatts <= before.capWatts) {
    return `a cap of ${point.capWatts} W comes after ${before.capWatts} W; list caps from low to high, each once`;
  }
  if (point.speed < before.speed) {
    return `speed falls from ${before.speed} at ${before.capWatts} W to ${point.speed} at ${point.capWatts} W; more watts never slow a GPU, so one of the two is a mistake`;
  }
  if (point.drawWatts < before.drawWatts) {
    return `draw falls from ${before.drawWatts} W at ${before.capWatts} W to ${point.drawWatts} W at ${point.capWatts} W; a higher cap never lowers it, so one of the two is a mistake`;
  }
  return undefined;
}
