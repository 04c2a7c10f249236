import type { CapCurve } from "./curve.ts";
import { pointAt } from "./read-curve.ts";
import { lowestCapOf } from "./restrict.ts";

/** What pausing a gang costs, for one of its GPUs. */
interface PauseCost {
  /** Draw of a paused GPU: 50–60 W on A100. */
  readonly idleWatts: number;
  /** Work stops while the checkpoint is written and while it is read back; draw does not. */
  readonly saveMs: number;
  readonly restoreMs: number;
  /** How long the GPU is idle in between. */
  readonly pauseMs: number;
}

/**
 * How far down capping is cheaper than pausing: the lowest measured cap that is reached by a step which
 * loses less speed per watt than pausing does from the point where the step begins. `capNowWatts` when
 * no step down is that cheap. Never below the lowest safe cap.
 */
export function kneeCap(curve: CapCurve, capNowWatts: number, pause: PauseCost): number {
  let above = pointAt(curve, capNowWatts);
  let knee = above.capWatts;
  const lowest = lowestCapOf(curve, 0);
  const below = curve.points.filter(({ capWatts }) => capWatts >= lowest && capWatts < capNowWatts);
  for (const point of below.toReversed()) {
    const saved = above.drawWatts - point.drawWatts;
    const loss = above.speed - point.speed;
    if (loss < saved * pauseLossPerWatt(above, pause)) {
      knee = point.capWatts;
    }
    above = point;
  }
  return knee;
}

/**
 * Speed lost per watt freed by pausing from a point, both as means over the pause: the work of saving
 * and restoring is lost on top, and the idle draw is not freed. Infinite when pausing frees nothing.
 */
function pauseLossPerWatt(
  from: { readonly speed: number; readonly drawWatts: number },
  pause: PauseCost,
): number {
  const freed = from.drawWatts - pause.idleWatts;
  if (freed <= 0 || pause.pauseMs <= 0) {
    return Infinity;
  }
  const lostMs = pause.saveMs + pause.pauseMs + pause.restoreMs;
  return (from.speed * lostMs) / (freed * pause.pauseMs);
}
