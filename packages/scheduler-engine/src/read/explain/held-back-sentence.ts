import { formatWatts, toNumber, watts } from "@ertis/quantities";
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
  const { causes, inForce, tightest } = held;
  if (causes.length > 0) {
    const texts = causes.map((cause) => causeText(cause, format));
    return `${fewer(held, format)}; ${listed(texts)} ${texts.length === 1 ? "leaves" : "leave"} no more`;
  }
  if (tightest === undefined) {
    return fewer(held, format);
  }
  const free = `${format.domain(tightest.domain)} has ${formatWatts(watts(tightest.freeWatts))} free`;
  const rest = tightest.isEnough
    ? "its caps rise as ramps, its quota and promised starts let them"
    : "the rest is with others";
  const on = inForce.map((cause) => causeText(cause, format));
  const none =
    on.length === 0
      ? "no budget and no curtailment is in the way"
      : `${listed(on)} ${on.length === 1 ? "is" : "are"} in force, and no budget and no other one is in the way`;
  return `${fewer(held, format)}; ${none}: ${free}, ${rest}`;
}

/** Since when it has fewer nodes than it asked for, and whether it gets them again: nodes change only when it starts. */
function fewer(held: HeldBack, format: MovedFormat): string {
  const { nodeCount, nodeCountFull, pausedFor } = held;
  if (nodeCount === nodeCountFull) {
    return "";
  }
  if (pausedFor === undefined) {
    return "; no more nodes had room when it started";
  }
  const stopped = pausedFor === "" ? "lost or cut power" : `curtailment "${pausedFor}"`;
  return `; it came back on fewer nodes after ${stopped} had stopped it, and ${grows(held, format)}`;
}

function grows({ growsTo }: HeldBack, { time }: MovedFormat): string {
  if (growsTo === undefined) {
    return "keeps these until it starts anew";
  }
  const { nodeCount, after } = growsTo;
  const once = `once nodes and watts for them are there, where that is worth a checkpoint`;
  if (after === undefined) {
    return `has ${nodeCount} again ${once}`;
  }
  const sooner = after.mode === "planned" ? ", or sooner where that leaves room for them" : "";
  return `has ${nodeCount} again after curtailment "${after.id}" (${time(toNumber(after.end))})${sooner}, ${once}`;
}
