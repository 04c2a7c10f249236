import type { CapCurve } from "../curves/curve.ts";
import { drawAt } from "../curves/read-curve.ts";
import { believedDraw, isFree } from "./belief.ts";
import { type SeenDraw, unseenHeld } from "./corrected.ts";
import { beliefOf, type Knowledge } from "./knowledge.ts";
import { isOpen } from "./open-level.ts";

/** What the steering expects of a GPU of a job under a cap, watts; without one, what the curve says. */
export function learnedDraw(
  knowledge: Knowledge | undefined,
  id: number,
  curve: CapCurve,
  capWatts: number,
): number {
  return knowledge === undefined
    ? drawAt(curve, capWatts)
    : believedDraw(curve, capWatts, beliefOf(knowledge, knowledge.jobs.get(id)));
}

/** What the steering has seen of a job under its cap; undefined: it never was measured. */
export function learnedSeen(
  knowledge: Knowledge,
  id: number,
  curve: CapCurve,
  capWatts: number,
): SeenDraw | undefined {
  const known = knowledge.jobs.get(id);
  if (known?.seenAtMs === undefined) {
    return undefined;
  }
  const belief = beliefOf(knowledge, known);
  if (belief.free !== undefined && isOpen(known.own)) {
    return { ...belief.free, heldRatio: unseenHeld(belief.ratio) };
  }
  const cap = Math.max(capWatts, curve.points[0]?.capWatts ?? 0);
  const ratio = believedDraw(curve, cap, belief) / drawAt(curve, cap);
  return isFree(curve, cap, belief)
    ? { ratio, capWatts, heldRatio: belief.ratio }
    : { ratio, capWatts };
}
