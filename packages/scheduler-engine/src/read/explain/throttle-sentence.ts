import type { Explanation } from "./explanation.ts";

/** Why a task of an array waits for others of it. */
export function throttleText(throttle: Explanation["throttle"]): string {
  const { runningCount, pausedCount, maxCount } = throttle ?? noThrottle;
  const paused =
    pausedCount === 1 ? "1 is paused and comes back" : `${pausedCount} are paused and come back`;
  const rest = pausedCount === 0 ? "" : `, and ${paused} first`;
  return `waits for its own array: ${runningCount} of at most ${maxCount} tasks run${rest}`;
}

const noThrottle = { runningCount: 0, pausedCount: 0, maxCount: 0 };
