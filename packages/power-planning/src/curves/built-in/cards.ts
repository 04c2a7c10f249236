import type { CapPoint } from "../curve.ts";
import type { BuiltInCurve } from "../model-curve.ts";

/** A model of which only speeds were published. */
export interface Card {
  readonly gpuModel: string;
  readonly ratedWatts: number;
  readonly source: string;
}

/**
 * A curve from caps and speeds, full speed at the rated watts added. Its draw was not published and is
 * taken to be the cap, which it cannot exceed: plans by draw then waste a little and break nothing.
 */
export function speedCurve(
  { gpuModel, ratedWatts, source }: Card,
  workloadClass: string,
  measured: readonly (readonly [capWatts: number, speed: number])[],
): BuiltInCurve {
  const all = [...measured, [ratedWatts, 1] as const];
  const points = all.map(([capWatts, speed]): CapPoint => ({
    capWatts,
    speed,
    drawWatts: capWatts,
  }));
  return { gpuModel, workloadClass, points, source, ratedWatts, idleWatts: undefined };
}
