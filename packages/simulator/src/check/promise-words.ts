import { toNumber } from "@ertis/quantities";
import type { AttemptStarted } from "@ertis/scheduler-engine";
import { lengthText, preciseText } from "../words/words.ts";

/** A start in the words of a promise. */
export interface Words {
  readonly firstMs: number;
  readonly endMs: number;
  readonly nodeCount: number;
  /** 0: full power. */
  readonly capWatts: number;
}

/** No start at all: what a planned curtailment says to whom it leaves none. */
export const noStart: Words = {
  firstMs: Infinity,
  endMs: Infinity,
  nodeCount: 0,
  capWatts: Number.MIN_VALUE,
};

/**
 * What is wrong with a start, by a promise of it.
 * @param start absent: it has not come
 */
export function wrongText(
  promise: Words,
  start: AttemptStarted | undefined,
  atMs: number,
): string | undefined {
  return atMs > promise.firstMs
    ? lateText(promise, atMs)
    : start && worseText(promise, start, atMs);
}

function lateText({ firstMs }: Words, atMs: number): string {
  return `was promised a start at ${preciseText(firstMs)}, ${lengthText(atMs - firstMs)} before ${preciseText(atMs)}`;
}

/**
 * Before its moment it may start as it likes, if it is done by the promised end; so may a gang on more nodes
 * than it was promised, where a lower cap of each says nothing.
 */
function worseText(
  promise: Words,
  { placement: { capWatts, nodes }, endsBy }: AttemptStarted,
  atMs: number,
): string | undefined {
  const lateMs = toNumber(endsBy) - promise.endMs;
  if (lateMs > 0) {
    return `was promised to end by ${preciseText(promise.endMs)} and starts to end ${lengthText(lateMs)} later`;
  }
  const isSmall = nodes.length <= promise.nodeCount;
  const isLower =
    isSmall && capWatts !== 0 && (promise.capWatts === 0 || capWatts < promise.capWatts);
  return atMs >= promise.firstMs && isLower
    ? `was promised ${promise.capWatts === 0 ? "full power" : `${promise.capWatts} W a GPU`} and starts at ${capWatts} W`
    : undefined;
}
