import type { DrawHistory } from "../../state/curtailments.ts";

const minuteMs = 60_000;

type Minutes = DrawHistory["minutes"];

/** Without a first minute that was measured in part: with the meters of a new hub its jobs begin, too. */
export function knownMinutes({ minutes }: Pick<DrawHistory, "minutes">): Minutes {
  const first = minutes[0];
  return first !== undefined && first[2] < minuteMs ? minutes.slice(1) : minutes;
}

/**
 * What has run since then has run in all that is known; -Infinity: nothing is. Where the first minute is a whole one, a
 * reading that was made of a minute reaches into the one before.
 */
export function knownSinceMs(history: Pick<DrawHistory, "minutes">): number {
  const known = knownMinutes(history);
  const [first] = known[0] ?? [-Infinity];
  return (known === history.minutes ? first - 1 : first) * minuteMs;
}
