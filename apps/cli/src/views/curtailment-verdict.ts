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
    return !foreseen.waitsForNodes
      ? `cannot be kept in time: the target is not met before its end; ${advise(foreseen)}`
      : `may be kept, but not for certain: ${showUsual(foreseen)}; if nodes take the two minutes that each may, the target is not met before its end; to be certain ${advise(foreseen)}`;
  }
  const usually = foreseen.waitsForNodes ? `; ${showUsual(foreseen)}` : "";
  const after = `${afterStart(timeToTargetMs)}${timeToTargetMs < 1_000 ? "" : " at the latest"}${usually}`;
  const jobs =
    tierBrokenCount === 1
      ? "1 job loses more than its tier allows"
      : `${showCount(tierBrokenCount)} jobs lose more than their tiers allow`;
  return tierBrokenCount === 0
    ? `can be kept: the target holds ${after}`
    : `can be kept, but ${jobs}, since caps alone hold the target until idle nodes are off and checkpoints are written; it holds ${after}`;
}

function afterStart(timeMs: number): string {
  return timeMs < 1_000 ? "from the start" : `${showDuration(timeMs)} after the start`;
}

/** Two minutes that each node counts as on are seldom taken. */
function showUsual({ usualTimeToTargetMs }: Foreseen): string {
  return `mostly idle nodes are off within seconds, and it holds ${afterStart(usualTimeToTargetMs)}`;
}

/** What would bring it down in time. */
function advise({ rampMs, nodeOffCount }: Foreseen): string {
  const ways = [
    ...(rampMs > 0 ? ["a shorter ramp"] : []),
    ...(nodeOffCount > 0 ? ["a longer notice, so that idle nodes are off before it"] : []),
  ];
  return `give it ${["a later end", ...ways].join(", or ")}`;
}
