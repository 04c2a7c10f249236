import { toNumber } from "@ertis/quantities";
import { switchOffMs } from "../../limits.ts";
import {
  type ForecastStep,
  type Foreseen,
  forecastSteps,
  timeToTargetMs,
} from "./forecast-steps.ts";

/** Mostly a node is off so soon after it is told; plans count on `switchOffMs`. */
const mostlyOffMs = 10_000;

/**
 * From the start until the target holds where nodes are off as soon as they mostly are: what is foreseen counts the
 * longest that each may take. Undefined: it holds no sooner then, or within its ramp anyway.
 */
export function usualTimeToTargetMs(
  foreseen: Foreseen,
  steps: readonly ForecastStep[],
): number | undefined {
  const { curtailment, offMoments } = foreseen;
  const latestMs = timeToTargetMs(steps, curtailment);
  const lastOffMs = [...offMoments.values()].reduce(
    (last, atMs) => Math.max(last, atMs),
    -Infinity,
  );
  const isLate = latestMs > toNumber(curtailment.ramp);
  const isForNodes = isLate && (latestMs === Infinity || latestMs <= lastOffMs);
  if (!isForNodes || offMoments.size === 0) {
    return undefined;
  }
  const sooner = new Map(
    [...offMoments].map(([node, atMs]) => [node, atMs - switchOffMs + mostlyOffMs] as const),
  );
  const usualMs = timeToTargetMs(forecastSteps({ ...foreseen, offMoments: sooner }), curtailment);
  return usualMs < latestMs ? usualMs : undefined;
}
