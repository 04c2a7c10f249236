import type { CapCurve } from "@ertis/power-planning";
import { speedAt } from "@ertis/power-planning";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { staleAfterMs } from "../stale-meters.ts";

/** Above what it needs an attempt loses so much and no more: enough to get it back when nobody else gains. */
const lentSpeed = 0.001;

/** By the curve, then by the need: passes ask for the same few again and again. */
const bent = new WeakMap<CapCurve, Map<number, CapCurve>>();

/**
 * How an attempt slows down under a cap, for whoever shares out watts: its class's curve, but next to flat
 * above the cap that it was measured to need. What is promised to it (when it ends) follows from its class's
 * alone. Where the site's meters are silent, nothing counts as known.
 *
 * @returns undefined when it cannot be capped
 */
export function lentCurve(site: SiteState, attempt: Attempt, nowMs: number): CapCurve | undefined {
  const isKnown = nowMs - (site.measuredAtMs.get(0) ?? -Infinity) < staleAfterMs;
  return isKnown ? rankedCurve(attempt) : attempt.curve;
}

/** The same whether meters are silent or not, for ranks: they look at nothing but the attempt. */
export function rankedCurve({ curve, neededCapWatts }: Attempt): CapCurve | undefined {
  if (curve === undefined || neededCapWatts === 0) {
    return curve;
  }
  // A curve says nothing below its first cap, and an attempt may need less.
  return bentCurve(curve, Math.max(neededCapWatts, curve.points[0]?.capWatts ?? 0));
}

/** Below the need the GPU is held back as its class is between its own full power and there. */
function bentCurve(curve: CapCurve, neededCapWatts: number): CapCurve {
  const known = bent.get(curve) ?? new Map<number, CapCurve>();
  bent.set(curve, known);
  let found = known.get(neededCapWatts);
  if (found === undefined) {
    const atNeed = speedAt(curve, neededCapWatts);
    const below = curve.points
      .filter((point) => point.capWatts < neededCapWatts)
      .map((point) => ({ ...point, speed: (point.speed * (1 - lentSpeed)) / atNeed }));
    const need = { capWatts: neededCapWatts, speed: 1 - lentSpeed, drawWatts: neededCapWatts };
    const above = curve.points
      .filter((point) => point.capWatts > neededCapWatts)
      .slice(-1)
      .map((point) => ({ ...point, speed: 1, drawWatts: neededCapWatts }));
    found = { points: [...below, need, ...above] };
    known.set(neededCapWatts, found);
  }
  return found;
}
