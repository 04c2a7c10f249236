import type { ForeseenMiss } from "@ertis/api";
import { showCount, showDuration } from "../output/format.ts";
import { paint, type Style } from "../terminal/style.ts";

interface Foreseen extends ForeseenMiss {
  readonly rampMs: number;
}

/** What may be expected of a curtailment, in a sentence: the same in a preview and when it is scheduled. */
export function renderVerdict(foreseen: Foreseen, style: Style): string {
  const isKept = foreseen.isTargetMet && foreseen.tierBrokenCount === 0;
  const mark = style.isUnicode ? (isKept ? "✓ " : "▲ ") : "";
  return paint(style, isKept ? "good" : "warn", `${mark}${showVerdict(foreseen)}`);
}

export function showVerdict(foreseen: Foreseen): string {
  const { isTargetMet, timeToTargetMs, tierBrokenCount } = foreseen;
  if (!isTargetMet) {
    return `cannot be kept in time: the target is not met before its end; ${advise(foreseen)}`;
  }
  const after =
    timeToTargetMs < 1_000
      ? "from the start"
      : `${showDuration(timeToTargetMs)} after the start at the latest`;
  const jobs =
    tierBrokenCount === 1
      ? "1 job loses more than its tier allows"
      : `${showCount(tierBrokenCount)} jobs lose more than their tiers allow`;
  return tierBrokenCount === 0
    ? `can be kept: the target holds ${after}`
    : `can be kept, but ${jobs}, since caps alone hold the target until idle nodes are off and checkpoints are written; it holds ${after}`;
}

/** What would bring it down in time. */
function advise({ rampMs, nodeOffCount }: Foreseen): string {
  const ways = [
    ...(rampMs > 0 ? ["a shorter ramp"] : []),
    ...(nodeOffCount > 0 ? ["a longer notice, since idle nodes take a while to switch off"] : []),
  ];
  return `give it ${["a later end", ...ways].join(", or ")}`;
}
