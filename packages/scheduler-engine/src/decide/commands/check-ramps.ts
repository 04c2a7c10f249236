import {
  formatMilliseconds,
  formatMillisecondsUp,
  formatWatts,
  instant,
  milliseconds,
  toNumber,
} from "@ertis/quantities";
import { fallMs } from "../../power/shedding/ramp-fall.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { Rejection } from "../../words/rejection.ts";
import { rejected } from "../deciding.ts";
import { withAllGivenUp } from "../forecast/all-given-up.ts";
import { givingUpLess } from "../forecast/giving-up-less.ts";
import { lookingFrom } from "../forecast/looking.ts";
import { curtailmentHorizonMs, lateMsMax } from "./curtailment-limits.ts";
import { possibleMessage } from "./floors-message.ts";

const secondMs = 1_000;

interface Where {
  readonly engine: EngineState;
  readonly site: SiteState;
}

/** Bounds that ramps bring down before the start need that much notice. */
export function checkRamps(
  { engine, site }: Where,
  asked: Curtailment,
  nowMs: number,
): Rejection | undefined {
  const noticeMs = toNumber(asked.start) - nowMs;
  const rampMs = toNumber(asked.ramp);
  const neededMs = Math.ceil(fallMs({ ...engine, nowMs }, site, asked) / secondMs) * secondMs;
  const missingMs = neededMs - rampMs - noticeMs;
  if (missingMs <= 0) {
    return undefined;
  }
  const show = (ms: number): string => formatMilliseconds(milliseconds(ms));
  // What is named is accepted when it is typed back, which takes its way here as well.
  const enough = (ms: number): string => formatMillisecondsUp(milliseconds(ms + lateMsMax));
  const latestEndMs = nowMs + curtailmentHorizonMs;
  const isTooLong = toNumber(asked.end) + missingMs + lateMsMax > latestEndMs;
  const shorter = isTooLong
    ? `, and let it end within ${show(curtailmentHorizonMs)} from now all the same`
    : "";
  const leftMs = noticeMs + rampMs;
  const left = leftMs === 0 ? "no time is left" : `only ${show(leftMs)} are left`;
  const later = laterBy(asked, missingMs + lateMsMax, latestEndMs);
  return rejected(
    "curtailment-above-ramp",
    `ramp: from what ${asked.domain} carries now to ${formatWatts(asked.target)} its ramps take ${formatMillisecondsUp(milliseconds(neededMs))}, and ${left}; let it start ${enough(missingMs)} later (in ${enough(noticeMs + missingMs)})${shorter}, or give it a ramp of ${enough(neededMs - noticeMs)}: ${show(lateMsMax)} more than is missing each, for the time to ask again; only an emergency steps${floorsThen(engine, later, nowMs)}`,
  );
}

function laterBy(asked: Curtailment, ms: number, latestEndMs: number): Curtailment {
  const start = instant(toNumber(asked.start) + ms);
  const end = instant(Math.min(toNumber(asked.end) + ms, latestEndMs));
  return { ...asked, start, end };
}

/** Time alone may not be enough: then what jobs leave room for is told at once. */
function floorsThen(engine: EngineState, later: Curtailment, nowMs: number): string {
  const looking = lookingFrom(nowMs);
  const { forecast } = givingUpLess(engine, later, looking.part(1 / 2)).beside;
  return forecast.kind === "forecast"
    ? ""
    : `; even then ${possibleMessage(later, withAllGivenUp(engine, later, forecast, looking))}`;
}
