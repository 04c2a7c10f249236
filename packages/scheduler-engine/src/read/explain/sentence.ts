import { formatMilliseconds, formatWatts, milliseconds, toNumber, watts } from "@ertis/quantities";
import { aheadSentences } from "./ahead-sentences.ts";
import { counted } from "./counted.ts";
import type { Explanation, PlaceNumbers } from "./explanation.ts";
import { guaranteeSentence } from "./guarantee-sentence.ts";
import { heldBackSentence } from "./held-back-sentence.ts";
import { missedSentence } from "./missed-sentence.ts";
import { movedSentence } from "./moved-sentence.ts";
import { pausedAheadText } from "./paused-ahead.ts";
import type { PowerBlock } from "./power-block.ts";
import { rampSentence } from "./ramp-sentence.ts";
import { shortDomain, shortName } from "./short-name.ts";
import {
  aloneText,
  estimateText,
  isPutOff,
  pausedSentences,
  soonerSentences,
} from "./sooner-sentences.ts";
import type { Suggestion } from "./suggestion.ts";
import { throttleText } from "./throttle-sentence.ts";

/** What the engine does not know: how the reader writes a moment. */
export interface SentenceFormat {
  readonly time: (epochMs: number) => string;
}

/**
 * The explanation for people, in one line without a full stop: the first obstacle with its numbers,
 * then the queue, then the earliest start. To be read after "job 12".
 */
export function explanationSentence(explanation: Explanation, format: SentenceFormat): string {
  const { startLowerBoundMs, reservedStartMs, likelyStart, reason } = explanation;
  const parts = [...pausedSentences(explanation, format), firstObstacle(explanation, format)];
  parts.push(...aheadSentences(explanation, format));
  if (explanation.guarantee !== undefined) {
    parts.push(guaranteeSentence(explanation.guarantee, format));
  }
  if (likelyStart !== undefined) {
    parts.push(
      `it likely starts by ${format.time(likelyStart.atMs)}, when curtailment "${likelyStart.curtailment.id}" has given its watts back`,
    );
  }
  if (reservedStartMs !== undefined) {
    const moved = isTold(explanation) ? undefined : explanation.movedBy;
    const why = movedSentence(moved, { ...format, domain: shortDomain });
    parts.push(
      `a start is kept for it at ${format.time(reservedStartMs)}${likelyStart === undefined ? "" : " for sure"}${why}`,
    );
  }
  // Its begin is told already.
  const isLater = reason !== "begin-time" || startLowerBoundMs !== explanation.beginAtMs;
  if (startLowerBoundMs !== undefined && isLater && !isPutOff(explanation)) {
    parts.push(
      `earliest start ${format.time(startLowerBoundMs)} if nothing ends before its walltime`,
    );
  }
  parts.push(...soonerSentences(explanation, format));
  if (explanation.startUnknown !== "") {
    parts.push(`no earliest start can be told: ${explanation.startUnknown}`);
  }
  if (explanation.deadlineMissed !== undefined) {
    parts.push(missedSentence(explanation.deadlineMissed, format));
  }
  if (explanation.suggestion !== undefined) {
    parts.push(suggestionSentence(explanation, explanation.suggestion, format));
  }
  return parts.join("; ");
}

/** Is what puts its start off the very obstacle that is told first? */
function isTold({ movedBy, place }: Explanation): boolean {
  const [cause, ...others] = movedBy?.causes ?? [];
  const told = place?.power?.budget;
  return cause?.kind === "budget" && told?.id === cause.budget.id && others.length === 0;
}

function firstObstacle(explanation: Explanation, format: SentenceFormat): string {
  const { place, head, paused } = explanation;
  switch (explanation.reason) {
    case "held":
      return "is held until it is released";
    case "begin-time":
      return `begins no earlier than ${format.time(explanation.beginAtMs ?? 0)}`;
    case "dependency":
      return `waits for the end of ${explanation.waitingFor.map((job) => `job ${job}`).join(", ")}`;
    case "array-throttle":
      return throttleText(explanation.throttle);
    case "behind-others":
      if (paused !== undefined) {
        return pausedAheadText(paused, { ...format, domain: shortDomain });
      }
      return head === undefined
        ? "would fit, but would delay jobs ahead"
        : `would fit, but would delay job ${head.job}, whose start is kept at ${format.time(head.startAtMs)}${estimateText(explanation, format)}`;
    case "gpus":
      return `waits for GPUs: ${nodesSentence(explanation, place)}`;
    case "nodes-unavailable":
      return place === undefined && explanation.message !== ""
        ? `waits for nodes: ${explanation.message}`
        : `waits for nodes: ${nodesSentence(explanation, place)}; ${outOfService(place)}`;
    case "power-limit":
    case "power-budget":
    case "power-curtailment":
    case "future-window":
      if (explanation.pausedUntil?.isAlone === true) {
        return aloneText(explanation.pausedUntil);
      }
      return explanation.ramp === undefined
        ? `waits for power: ${powerSentence(place?.power, format)}`
        : `waits for a ramp: ${rampSentence(explanation.ramp, format.time)}`;
    case "above-quota":
      return `can never start: ${explanation.message}`;
    case "quota":
      return `waits for its share: ${explanation.message}`;
    case "never-fits-now":
      return explanation.message === ""
        ? `cannot start as things are: ${powerSentence(place?.power, format)}`
        : explanation.message;
    case "next-pass":
      return "has nothing in its way; the next placement pass takes it";
    case "starting":
      return "is placed; its nodes prepare";
    case "running":
      return explanation.heldBack === undefined
        ? "runs"
        : `runs${heldBackSentence(explanation.heldBack, { ...format, domain: shortDomain })}`;
    case "stopping":
      return explanation.message === ""
        ? "is told to stop"
        : `is told to stop: ${explanation.message}`;
    case "finished":
      return "has ended";
  }
}

/** The one change that helps, as part of a sentence. */
function suggestionSentence(
  { neededNodeCount }: Pick<Explanation, "neededNodeCount">,
  suggestion: Suggestion,
  { time }: SentenceFormat,
): string {
  switch (suggestion.kind) {
    case "shorter-walltime":
      return `with a walltime of ${formatMilliseconds(milliseconds(suggestion.walltimeMs))} it starts now`;
    case "lower-cap":
      return `with tier ${suggestion.tierPercent} and a cap of ${formatWatts(watts(suggestion.capWatts))} a GPU it starts now`;
    case "other-site":
      return `at ${suggestion.site} on ${suggestion.gpuModel} it starts ${whenTold(suggestion.startMs, "by about", time)}`;
    case "fewer-nodes":
      return `${suggestion.leastNow === undefined ? `with ${counted(neededNodeCount - suggestion.nodeCount, "node", "nodes")} fewer` : belowLeast(suggestion.nodeCount, suggestion.leastNow)} it starts ${whenTold(suggestion.startMs, "at", time)}${whyNotMore(suggestion.boundBy)}`;
  }
}

/** A job is changed by a new one, which those who wait may go before. */
function whenTold(
  startMs: number | undefined,
  when: "at" | "by about",
  time: SentenceFormat["time"],
): string {
  return startMs === undefined
    ? "now"
    : `${when} ${time(startMs)}, if nobody who waits goes before it`;
}

/** A job that is content with fewer nodes would have to be content with fewer still. */
export function belowLeast(nodeCount: number, leastNow: number): string {
  return `content with ${counted(nodeCount, "node", "nodes")} instead of at least ${leastNow}`;
}

/** Why fewer nodes are offered than are free. */
export function whyNotMore(boundBy: "power" | "kept-nodes" | undefined): string {
  switch (boundBy) {
    case "power":
      return "; there is no power for more";
    case "kept-nodes":
      return "; more free nodes are kept for another job";
    case undefined:
      return "";
  }
}

function nodesSentence(explanation: Explanation, place: PlaceNumbers | undefined): string {
  const { neededNodeCount, gpusPerNode } = explanation;
  if (place === undefined) {
    return "no site has them";
  }
  const { site, gpuModel, availableNodeCount, availableGpuCount, freeGpuCount } = place;
  const wanted = `${gpusPerNode} free ${gpuModel} ${gpusPerNode === 1 ? "GPU" : "GPUs"}`;
  const scattered = freeGpuCount - availableGpuCount;
  const rest =
    scattered === 0
      ? ""
      : `, and ${counted(scattered, "free GPU", "free GPUs")} on nodes with too few of them`;
  return `${site} has ${counted(availableNodeCount, "node", "nodes")} with ${wanted}${rest}, needs ${neededNodeCount}`;
}

function outOfService(place: PlaceNumbers | undefined): string {
  const { cordonedNodeCount, lostNodeCount, offNodeCount, asleepNodeCount } = place ?? {
    cordonedNodeCount: 0,
    lostNodeCount: 0,
    offNodeCount: 0,
    asleepNodeCount: 0,
  };
  const counts = [
    [cordonedNodeCount, "cordoned"],
    [lostNodeCount, "lost"],
    [offNodeCount, "switched off"],
    [asleepNodeCount, "asleep for a curtailment"],
  ] as const;
  const some = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return some.length === 0 ? "none is out of service" : some.join(", ");
}

function powerSentence(power: PowerBlock | undefined, format: SentenceFormat): string {
  if (power === undefined) {
    return "no part of a site has enough";
  }
  const { freeWatts, ceilingWatts, neededWatts, budget, curtailment, lostSupply, atMs } = power;
  const free = formatWatts(watts(freeWatts));
  const needed = formatWatts(watts(neededWatts));
  const ceiling = formatWatts(watts(ceilingWatts));
  const has = atMs === undefined ? "has" : `from ${format.time(atMs)} has`;
  const { alikeCount, kind } = power;
  const alike =
    alikeCount === 0
      ? ""
      : `, and ${counted(alikeCount, `more ${kind} has`, `more ${kind}s have`)} too little`;
  return `${shortName(power)} ${has} ${free} free of ${ceiling}, needs ${needed}; ${binds()}${alike}`;

  function binds(): string {
    if (curtailment !== undefined && power?.givesBackUntilMs !== undefined) {
      return `curtailment "${curtailment.id}" is over and gives its watts back until ${format.time(power.givesBackUntilMs)}`;
    }
    if (curtailment !== undefined) {
      return `curtailment "${curtailment.id}" (${ceiling} until ${format.time(toNumber(curtailment.end))}) binds`;
    }
    if (lostSupply !== undefined) {
      const { supply } = lostSupply;
      return `that is left of its limit, since ${supply === "" ? "a supply" : `supply "${supply}"`} is lost`;
    }
    if (budget === undefined) {
      return "its limit binds";
    }
    const until = budget.until === undefined ? "" : ` until ${format.time(toNumber(budget.until))}`;
    return `budget "${budget.id}" (${ceiling}${until}) binds`;
  }
}
