import { formatMilliseconds, milliseconds } from "@ertis/quantities";
import type { DeadlineMissed } from "./deadline-missed.ts";
import type { MovedFormat } from "./moved-sentence.ts";

/** By how much its deadline is missed by a job that takes all the time it asks for. */
export function missedSentence(
  { deadlineMs, endMs, by }: DeadlineMissed,
  { time }: Pick<MovedFormat, "time">,
): string {
  const late = formatMilliseconds(milliseconds(endMs - deadlineMs));
  const end = time(endMs);
  const deadline = `its deadline ${time(deadlineMs)}`;
  switch (by) {
    case "kept":
      return `with the kept start it is done by ${end} at the latest, ${late} after ${deadline}`;
    case "estimated":
      return `by estimate it is done by about ${end}, ${late} after ${deadline}`;
    case "nothing-ends-early":
      return `${deadline} is missed if nothing ends before its walltime: it ends at ${end} at the earliest then, ${late} late`;
    case "walltime":
      return `${deadline} cannot be kept if it uses its walltime: it ends at ${end} at the earliest, ${late} late`;
  }
}
