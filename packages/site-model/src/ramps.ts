import { parseMilliseconds, parseWatts, toNumber, watts } from "@ertis/quantities";
import { quotedText, type TextResult } from "./reader/index.ts";
import type { Ramp } from "./site.ts";

const secondMs = 1_000;
const hourMs = 3_600_000;
const secondsPerMinute = 60;

const how = 'write for example "0.72 MW/min over 60 s" or "12 kW/s over 10 s"';

/** Reads `0.72 MW/min over 60 s`: how fast a mean over a window may change. */
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
  const perMinute = toNumber(rate.value) * (unit === "s" ? secondsPerMinute : 1);
  const windowMs = toNumber(window.value);
  if (perMinute === 0) {
    return { wrong: "a ramp of 0 W could never start anything: write more, or remove the ramp" };
  }
  if (perMinute > Number.MAX_SAFE_INTEGER) {
    return { wrong: `${quotedText(text)} is more than can be counted: write less` };
  }
  return windowMs < secondMs || windowMs > hourMs
    ? { wrong: `a window of ${quotedText(time)}, but 1 s to 1 h are allowed: ${how}` }
    : { value: { wattsPerMinute: watts(perMinute), windowMs } };
}

function textOf(parsed: ReturnType<typeof parseMilliseconds>): string {
  return parsed.kind === "error" ? parsed.message : "";
}
