import {
  type Explanation,
  ExplanationReason,
  explanationReasonToJSON,
  type StartOption,
} from "@ertis/api";
import { showCount, showTimeFrom, showWatts } from "../output/format.ts";
import { showZone, toLocalMoments } from "../output/local-moments.ts";
import { paint, type Style } from "../terminal/style.ts";
import { toPrintable, wrap } from "../terminal/text.ts";
import { type Field, renderFields } from "./fields.ts";

function showWindow(explanation: Explanation, nowMs: number): string {
  const { windowFromTimeMs, windowUntilTimeMs } = explanation;
  if (windowFromTimeMs === 0 && windowUntilTimeMs === 0) {
    return "";
  }
  const from = windowFromTimeMs === 0 ? "now" : showTimeFrom(windowFromTimeMs, nowMs);
  const until = windowUntilTimeMs === 0 ? "open end" : showTimeFrom(windowUntilTimeMs, nowMs);
  return `${from} to ${until}`;
}

/** Reasons in which the room for the gang plays a part; elsewhere its numbers would mislead. */
const aboutRoom: ReadonlySet<number> = new Set([
  ExplanationReason.BEHIND_OTHERS,
  ExplanationReason.GPUS,
  ExplanationReason.POWER_LIMIT,
  ExplanationReason.POWER_BUDGET,
  ExplanationReason.POWER_CURTAILMENT,
  ExplanationReason.FUTURE_WINDOW,
  ExplanationReason.NODES_UNAVAILABLE,
  ExplanationReason.NEVER_FITS_NOW,
]);

function showGpus(explanation: Explanation): string {
  const { neededGpuCount, availableGpuCount, neededNodeCount, availableNodeCount } = explanation;
  return neededGpuCount === 0 || !aboutRoom.has(explanation.reason)
    ? ""
    : `needs ${showCount(neededGpuCount)} on ${showCount(neededNodeCount)} nodes; free ` +
        `${showCount(availableGpuCount)}, nodes with enough each ${showCount(availableNodeCount)}`;
}

function showPower(explanation: Explanation): string {
  return explanation.neededWatts === 0 || !aboutRoom.has(explanation.reason)
    ? ""
    : `needs ${showWatts(explanation.neededWatts)}; free ${showWatts(explanation.availableWatts)}`;
}

function showAhead(explanation: Explanation): string {
  const { jobsAheadCount, jobsAheadIsLowerBound, reason, domainId } = explanation;
  if (jobsAheadCount === 0) {
    // Who waits for watts of no domain only comes back from a pause or waits for a ramp: its turn says nothing.
    const isForWatts =
      reason === ExplanationReason.POWER_LIMIT || reason === ExplanationReason.POWER_CURTAILMENT;
    const isAboutTurn = aboutRoom.has(reason) && !(isForWatts && domainId === "");
    const isInLine = isAboutTurn || reason === ExplanationReason.QUOTA;
    return isInLine && !jobsAheadIsLowerBound ? "nobody: it is first for its site and model" : "";
  }
  const atLeast = jobsAheadIsLowerBound ? "at least " : "";
  const order = explanation.orderSummary === "" ? "" : `; ${explanation.orderSummary}`;
  return `${atLeast}${showCount(jobsAheadCount)} for the same site and model${order}`;
}

/** The promised start that it may not delay, and from when on more can be said where nothing can be now. */
function showHead(explanation: Explanation, nowMs: number): string {
  const { headJobId, headStartTimeMs, startOptions, reason } = explanation;
  if (headJobId === "") {
    return "";
  }
  const isOpen = reason === ExplanationReason.BEHIND_OTHERS && startOptions.length === 0;
  const open = isOpen ? "; its own start can be estimated from then on" : "";
  return `job ${headJobId} by ${showTimeFrom(headStartTimeMs, nowMs)}${open}`;
}

function showCap({ capWatts, speedPermille }: StartOption): string {
  return capWatts === 0
    ? "full power"
    : `cap ${capWatts} W (${Math.round(speedPermille / 10)} % of full speed)`;
}

/** One line a cap: when it could start, and when it would then be done. */
function toStartFields(explanation: Explanation, nowMs: number): readonly Field[] {
  return explanation.startOptions.map((option, index) => {
    const { earliestStartTimeMs, endsByTimeMs } = option;
    const startText = showTimeFrom(earliestStartTimeMs, nowMs);
    const endText = `done by ${showTimeFrom(endsByTimeMs, nowMs)}`;
    // Of a bound the end is that of a start at the bound: who is ahead does not count in it.
    const when = option.isEstimate
      ? `by about ${startText}, ${endText}`
      : `not before ${startText} if nothing ends early, then ${endText}`;
    return {
      name: index === 0 ? "starts" : "",
      text: `${showCap(option)}: ${earliestStartTimeMs === 0 ? "no room, whatever ends" : when}`,
    };
  });
}

/** By itself, long before what is kept for it. */
function showLikely(explanation: Explanation, nowMs: number): string {
  const { likelyStartTimeMs: atMs, likelyStartCurtailmentId: id } = explanation;
  return atMs === 0
    ? ""
    : `by ${showTimeFrom(atMs, nowMs)}, when curtailment ${id} has given its watts back`;
}

const going: ReadonlySet<number> = new Set([
  ExplanationReason.STARTING,
  ExplanationReason.RUNNING,
  ExplanationReason.STOPPING,
  ExplanationReason.FINISHED,
]);

/** A change of the job; of who waits for his account also that there is none. */
function showHelp({ reason, suggestion }: Explanation): string {
  const ofNone =
    reason === ExplanationReason.QUOTA
      ? "no change of the job: others of its account have to end, or its quota to be raised"
      : "";
  return suggestion?.summary ?? ofNone;
}

const hasTime = /\d\d:\d\d/;

/** Which zone the times are in, where there are any. */
function zoneOf(fields: readonly Field[], nowMs: number): Field {
  const isNeeded = fields.some(({ text }) => hasTime.test(text));
  return { name: "times", text: isNeeded ? `in ${showZone(nowMs)}, this machine's time zone` : "" };
}

const reasonPrefix = /^EXPLANATION_REASON_/;

/** The reason in a sentence, then the numbers behind it. */
export function renderExplanation(
  explanation: Explanation,
  view: { readonly style: Style; readonly nowMs: number },
): readonly string[] {
  const { style, nowMs } = view;
  // A bound knows nothing of the start that is promised first, beside which the others are told.
  const earliest = explanation.headJobId === "" ? explanation.earliestStartTimeMs : 0;
  const { promisedStartTimeMs: promised, pausedUntilTimeMs: pausedUntil } = explanation;
  const isGoing = going.has(explanation.reason);
  const fields: readonly Field[] = [
    { name: "reason", text: explanationReasonToJSON(explanation.reason).replace(reasonPrefix, "") },
    { name: "site", text: explanation.site },
    { name: "binding", text: explanation.domainId },
    { name: "budget", text: explanation.budgetId },
    { name: "curtailment", text: explanation.curtailmentId },
    { name: "window", text: showWindow(explanation, nowMs) },
    { name: "gpus", text: showGpus(explanation) },
    { name: "power", text: showPower(explanation) },
    {
      name: "out of service",
      text:
        explanation.unavailableNodeCount === 0
          ? ""
          : `${showCount(explanation.unavailableNodeCount)} nodes cordoned, lost, off or asleep`,
    },
    { name: "ahead", text: showAhead(explanation) },
    { name: "waits for", text: explanation.waitingForJobIds.join(", ") },
    { name: "promised first", text: showHead(explanation, nowMs) },
    {
      name: "earliest start",
      text:
        earliest === 0
          ? ""
          : `${showTimeFrom(earliest, nowMs)} if nothing ends before its walltime`,
    },
    { name: "likely start", text: showLikely(explanation, nowMs) },
    {
      name: "kept for it",
      text: promised === 0 ? "" : `a start by ${showTimeFrom(promised, nowMs)}`,
    },
    ...toStartFields(explanation, nowMs),
    {
      name: "goes on",
      text: pausedUntil === 0 ? "" : `by about ${showTimeFrom(pausedUntil, nowMs)}`,
    },
    {
      name: "what helps",
      text: toLocalMoments(showHelp(explanation), nowMs),
      tone: "strong",
    },
  ];
  const sentence = wrap(
    toPrintable(toLocalMoments(explanation.summary, nowMs)),
    style.width ?? 100,
  );
  return [
    ...sentence.map((line) => paint(style, "strong", line)),
    ...(isGoing ? [] : renderFields([...fields, zoneOf(fields, nowMs)], style)),
  ];
}
