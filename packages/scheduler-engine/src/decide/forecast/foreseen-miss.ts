import { toNumber } from "@ertis/quantities";
import type { Curtailment } from "../../words/curtailment.ts";
import type { ForeseenMiss } from "../../words/reply.ts";
import type { CurtailmentForecast } from "./forecast.ts";

/** Does the target hold before its end? */
export function isTargetMet(
  { start, end }: Pick<Curtailment, "start" | "end">,
  { timeToTarget }: Pick<CurtailmentForecast, "timeToTarget">,
): boolean {
  return toNumber(timeToTarget) < toNumber(end) - toNumber(start);
}

/** Jobs that lose more than their tiers allow. */
export function tierBrokenCount({ jobs }: Pick<CurtailmentForecast, "jobs">): number {
  return jobs.filter((one) => one.isTierBroken).length;
}

/** What is possible, and yet not kept as it was asked for. Undefined: nothing. */
export function foreseenMiss(
  curtailment: Curtailment,
  forecast: CurtailmentForecast,
): ForeseenMiss | undefined {
  const isMet = isTargetMet(curtailment, forecast);
  const brokenCount = tierBrokenCount(forecast);
  const { timeToTarget, usualTimeToTarget, nodesOffCount } = forecast;
  return isMet && brokenCount === 0
    ? undefined
    : {
        isTargetMet: isMet,
        timeToTarget,
        usualTimeToTarget,
        tierBrokenCount: brokenCount,
        nodesOffCount,
      };
}
