import { parseMilliseconds, parseWatts, toNumber } from "@ertis/quantities";
import { quotedText, type TextResult } from "./reader/index.ts";
import type { Ramp } from "./site.ts";

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

const how = 'write for example "0.72 MW/min over 60 s" or "12 kW/s over 10 s"';

/** Reads `0.72 MW/min over 60 s`: how far means over a window may differ that lie a minute or a second apart. */
export function readRamp(text: string): TextResult<Ramp> {
  const match = /^\s*([^/]{1,40})\/\s{0,3}(min|s)\s{1,9}over\s{1,9}(.{1,40})$/.exec(text);
  if (match === null) {
    return { wrong: `${quotedText(text)} is not a ramp: ${how}` };
  }
  const [, power = "", unit = "", time = ""] = match;
  const rate = parseWatts(power);
  const window = parseMilliseconds(time);
  if (rate.kind === "error" || window.kind === "error") {
    return { wrong: `${rate.kind === "error" ? rate.message : textOf(window)}; ${how}` };
  }
  const windowMs = toNumber(window.value);
  if (toNumber(rate.value) === 0) {
    return { wrong: "a ramp of 0 W could never start anything: write more, or remove the ramp" };
  }
  return windowMs < secondMs || windowMs > hourMs
    ? { wrong: `a window of ${quotedText(time)}, but 1 s to 1 h are allowed: ${how}` }
    : { value: { watts: rate.value, perMs: unit === "s" ? secondMs : minuteMs, windowMs } };
}

function textOf(parsed: ReturnType<typeof parseMilliseconds>): string {
  return parsed.kind === "error" ? parsed.message : "";
}
