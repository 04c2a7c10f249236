import type { JobsAhead } from "./ahead.ts";
import { counted } from "./counted.ts";
import type { Explanation } from "./explanation.ts";
import type { MovedFormat } from "./moved-sentence.ts";

/** Who goes first, of its account and of all, and until when. */
export function aheadSentences(
  { ahead, aheadInAccount }: Pick<Explanation, "ahead" | "aheadInAccount">,
  { time }: Pick<MovedFormat, "time">,
): readonly string[] {
  const parts: string[] = [];
  if (aheadInAccount !== undefined) {
    parts.push(aheadInAccountSentence(aheadInAccount));
  }
  // All that are ahead wait for the same account: they are told.
  if (ahead !== undefined && ahead.count > (aheadInAccount?.count ?? 0)) {
    const least = ahead.isLowerBound ? "at least " : "";
    const order = ahead.last === undefined ? "" : ` (${ahead.last.sentence})`;
    parts.push(`${least}${counted(ahead.count, "job is", "jobs are")} ahead${order}`);
  }
  const pressesFromMs = ahead?.pressesFromMs ?? aheadInAccount?.pressesFromMs;
  if (pressesFromMs !== undefined) {
    parts.push(`from ${time(pressesFromMs)} its deadline is near and puts it forward in its class`);
  }
  return parts;
}

/** Its place among those that wait for the same account. */
function aheadInAccountSentence({
  account,
  count,
  isLowerBound,
  last,
}: JobsAhead & { readonly account: string }): string {
  if (count === 0) {
    return `it is the first that waits for account ${account}`;
  }
  const least = isLowerBound ? "at least " : "";
  const order = last === undefined ? "" : ` (${last.sentence})`;
  return `${least}${counted(count, "job", "jobs")} of account ${account} ${count === 1 ? "goes" : "go"} first${order}`;
}
