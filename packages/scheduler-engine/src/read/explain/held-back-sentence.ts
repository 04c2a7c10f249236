import { formatWatts, watts } from "@ertis/quantities";
import type { HeldBack } from "./held-back.ts";
import { causeText, listed, type MovedFormat } from "./moved-sentence.ts";

/** How a job runs that does not run at full speed, and why: what follows `runs`. */
export function heldBackSentence(held: HeldBack, format: MovedFormat): string {
  const { nodeCount, nodeCountFull, capWatts, speedPermille } = held;
  const nodes = nodeCount === nodeCountFull ? "" : ` on ${nodeCount} of its ${nodeCountFull} nodes`;
  const cap = capWatts === 0 ? "" : ` with its GPUs capped to ${capWatts} W each`;
  const how = [nodes, cap].filter((part) => part !== "").join(",");
  return `${how}, at about ${Math.round(speedPermille / 10)} % of full speed${why(held, format)}`;
}

function why(held: HeldBack, format: MovedFormat): string {
  const { causes, tightest } = held;
  if (causes.length > 0) {
    const texts = causes.map((cause) => causeText(cause, format));
    return `${fewer(held)}; ${listed(texts)} ${texts.length === 1 ? "leaves" : "leave"} no more`;
  }
  if (tightest === undefined) {
    return fewer(held);
  }
  const free = `${format.domain(tightest.domain)} has ${formatWatts(watts(tightest.freeWatts))} free`;
  const rest = tightest.isEnough
    ? "its caps rise as ramps, its quota and promised starts let them"
    : "the rest is with others";
  return `${fewer(held)}; no budget and no curtailment is in the way: ${free}, ${rest}`;
}

/** Since when it has fewer nodes than it asked for: nodes change only when it starts. */
function fewer({ nodeCount, nodeCountFull, pausedFor }: HeldBack): string {
  if (nodeCount === nodeCountFull) {
    return "";
  }
  if (pausedFor === undefined) {
    return "; no more nodes had room when it started";
  }
  const stopped = pausedFor === "" ? "an emergency" : `curtailment "${pausedFor}"`;
  return `; it came back on fewer nodes after ${stopped} had stopped it`;
}
