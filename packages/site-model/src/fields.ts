import { parseWatts, toNumber, type Watts } from "@ertis/quantities";
import { parseDecimal, type Ratio } from "./ratio.ts";
import { quotedText, type TextParser, type TextResult } from "./reader/index.ts";
import type { GpuCap } from "./site.ts";

export function power(text: string): TextResult<Watts> {
  const parsed = parseWatts(text);
  return parsed.kind === "ok" ? { value: parsed.value } : { wrong: parsed.message };
}

/** `200 W..700 W`: from above 0 W up, the smaller one first. */
export function powerRange(text: string): TextResult<GpuCap> {
  const [low = "", high, ...more] = text.split("..");
  if (high === undefined || more.length > 0) {
    return {
      wrong: `${quotedText(text)} is not a range of caps: write the lowest and the highest, for example "200 W..700 W"`,
    };
  }
  const lowest = power(low);
  const highest = power(high);
  if ("wrong" in lowest) {
    return lowest;
  }
  if ("wrong" in highest) {
    return highest;
  }
  const [lowestWatts, highestWatts] = [lowest.value, highest.value];
  return toNumber(lowestWatts) > 0 && lowestWatts < highestWatts
    ? { value: { lowestWatts, highestWatts } }
    : {
        wrong: `found ${quotedText(text)}, but the lowest cap is above 0 W and below the highest: correct them, or remove the key when the GPUs cannot be capped`,
      };
}

const mostNameCharacters = 63;

/** A DNS-1123 label, because names become names of Kubernetes objects. */
export function name(text: string): TextResult<string> {
  const rule = "use a-z, 0-9 and -, starting and ending with a letter or digit";
  if (text.length > mostNameCharacters) {
    return {
      wrong: `the name ${quotedText(text)} has ${text.length} characters, at most ${mostNameCharacters} are allowed`,
    };
  }
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text)
    ? { value: text }
    : { wrong: `${quotedText(text)} is not a name: ${rule}` };
}

/** An exact decimal from `least` to `most`; with `least` itself only when `isLeastAllowed`. */
export function decimal(least: bigint, most: bigint, isLeastAllowed: boolean): TextParser<Ratio> {
  return (text) => {
    const value = parseDecimal(text);
    const fits =
      value !== undefined &&
      value.numerator <= most * value.denominator &&
      (isLeastAllowed
        ? value.numerator >= least * value.denominator
        : value.numerator > least * value.denominator);
    const range = isLeastAllowed ? `from ${least} to ${most}` : `above ${least}, at most ${most}`;
    return fits
      ? { value }
      : {
          wrong: `found ${quotedText(text)}, but a decimal ${range} with at most 6 places is allowed`,
        };
  };
}
