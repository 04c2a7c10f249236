import type { Explanation } from "./explanation.ts";
import type { MayPreempt } from "./may-preempt.ts";
import { listed, type MovedFormat } from "./moved-sentence.ts";
import { taskNames } from "./task-names.ts";

type Times = Pick<MovedFormat, "time">;

/** Victims that are named; of the others their number is told. */
const namedVictimsMax = 3;

/** Starts before the one that is kept, or where none is told, and why it does not make do with less. */
export function soonerSentences(explanation: Explanation, times: Times): readonly string[] {
  const { mayPreempt, smallerNodeCount, neededNodeCount } = explanation;
  const sentences = [
    ...backSentences(explanation, times),
    ...estimateSentences(explanation, times),
  ];
  if (mayPreempt !== undefined) {
    sentences.push(preemptSentence(mayPreempt, times));
  }
  if (smallerNodeCount !== undefined) {
    sentences.push(
      `on ${smallerNodeCount} of its ${neededNodeCount} nodes it has room now, and would be done later than by waiting`,
    );
  }
  return sentences;
}

/** Who was paused runs no more though nobody stopped it for good: that is told before what it waits for. */
export function pausedSentences(
  { pausedUntil, pausedTasks, state }: Explanation,
  { time }: Times,
): readonly string[] {
  if (pausedTasks.length > 0) {
    return pausedTasks.map(({ tasks, curtailment, atMs, isReturning }) =>
      isReturning
        ? `has ${taskNames(tasks)} to come back, paused ${pausedBy(curtailment)}`
        : `has ${taskNames(tasks)} paused ${pausedBy(curtailment)} until about ${time(atMs)}`,
    );
  }
  if (pausedUntil === undefined || state !== "queued") {
    return [];
  }
  const { curtailment, atMs, isReturning } = pausedUntil;
  const by = pausedBy(curtailment);
  return [
    isReturning
      ? `was paused ${by} and is to come back`
      : `is paused ${by} until about ${time(atMs)}`,
  ];
}

function pausedBy(curtailment: string): string {
  return curtailment === "" ? "to save watts" : `for curtailment "${curtailment}"`;
}

/** Why it comes back then whom nothing keeps but a pause, which is told before. */
export function aloneText({
  isReturning,
  isAfterEnd,
  curtailment,
}: NonNullable<Explanation["pausedUntil"]>): string {
  if (isReturning) {
    return "nothing else is in its way: it starts as soon as there are watts for it";
  }
  const sooner = "it comes back sooner if watts for it are left";
  if (curtailment === "") {
    return sooner;
  }
  return isAfterEnd
    ? `that is over by then and gives its watts back; ${sooner}`
    : `the plan of that gives it watts again then, so that it loses no more than its tier allows; ${sooner}`;
}

/** Beside promised starts nothing may fit before they have begun: then that is when to ask again. */
export function estimateText(explanation: Explanation, { time }: Times): string {
  const { startOptions, ramp, pausedUntil } = explanation;
  const soonestMs = startOptions.at(-1)?.startMs;
  if (ramp !== undefined) {
    return "";
  }
  if (soonestMs === undefined) {
    return "; no start can be estimated before that one has begun";
  }
  // The end of its pause is told before: that it has room then is another thing.
  const start = pausedUntil === undefined ? "a start is possible" : "it has room to come back";
  return `; with it kept, ${start} by about ${time(soonestMs)}`;
}

/** By when nodes that sleep let it start. */
function backSentences({ reason, startOptions }: Explanation, { time }: Times): readonly string[] {
  const isForNodes = reason === "nodes-unavailable" || reason === "gpus";
  return startOptions.flatMap(({ startMs, isEstimate }) =>
    isForNodes && isEstimate && startMs !== undefined
      ? [`with nodes that wake after the curtailment a start is possible by about ${time(startMs)}`]
      : [],
  );
}

/** Watts are in its way, and a start that is promised to another puts off when they are its own: bounds know nothing of that. */
export function isPutOff({ place, head }: Pick<Explanation, "place" | "head">): boolean {
  return place?.power !== undefined && head !== undefined;
}

/** Where watts are in the way and neither a promise nor a bound tells when it starts: by about when it could. */
function estimateSentences(explanation: Explanation, { time }: Times): readonly string[] {
  const { place, reservedStartMs, startLowerBoundMs, startOptions, head } = explanation;
  // Its pause has an end of its own, which is told.
  if (explanation.pausedUntil?.isReturning === false) {
    return [];
  }
  const soonest = startOptions.at(-1);
  if (explanation.reason === "begin-time" && soonest?.startMs !== undefined) {
    return [`as things are, a start is possible by about ${time(soonest.startMs)}`];
  }
  const isBoundTold = startLowerBoundMs !== undefined && !isPutOff(explanation);
  if (
    place?.power === undefined ||
    reservedStartMs !== undefined ||
    isBoundTold ||
    soonest?.isEstimate !== true ||
    soonest.startMs === undefined
  ) {
    return [];
  }
  const beside =
    head === undefined
      ? ""
      : `job ${head.job} is promised a start at ${time(head.startAtMs)}, and beside that `;
  return [`${beside}a start is possible by about ${time(soonest.startMs)}`];
}

/** Whom it stops, from when on, if they still run then. */
function preemptSentence(one: MayPreempt, { time }: Times): string {
  const named = one.victims.slice(0, namedVictimsMax).map(String);
  const more = one.victims.length - named.length;
  const victims = listed([...named, ...(more > 0 ? [`${more} more`] : [])]);
  const jobs = one.victims.length === 1 ? "job" : "jobs";
  return `from ${time(one.fromMs)} it may stop ${jobs} ${victims}, for a start by ${time(one.startAtMs)}`;
}
