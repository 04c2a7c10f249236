import { isPressed } from "../../state/due.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { type Job, priorityOf } from "../../state/job.ts";
import { compareKeys, type OrderKey, QueueOrder } from "../../state/order.ts";
import { type JobNumber, priorityClasses } from "../../words/job-spec.ts";
import { standingSentence } from "./standing-text.ts";

/** The first thing in which two jobs differ; it decides. */
export type OrderReason =
  | "class"
  /** Counts as a higher class by the time it has waited. */
  | "aged-class"
  | "deadline"
  | "age"
  /** Its account holds less of its guarantee, or the other's has all of its own. */
  | "guarantee"
  /** Its account has used less for its weight, as a part of everything. */
  | "share"
  | "number";

export interface OrderExplanation {
  readonly ahead: JobNumber;
  readonly behind: JobNumber;
  readonly reason: OrderReason;
  /** The accounts compared, where accounts decide. */
  readonly accounts: readonly [ahead: string, behind: string] | undefined;
  /** One sentence with the numbers. */
  readonly sentence: string;
}

/** Why one of two queued jobs is asked before the other; undefined: one of them is not known. */
export function explainOrder(
  state: EngineState,
  a: JobNumber,
  b: JobNumber,
): OrderExplanation | undefined {
  const [first, second] = [state.jobs.get(a), state.jobs.get(b)];
  if (first === undefined || second === undefined || first === second) {
    return undefined;
  }
  const order = new QueueOrder(state);
  const keys = [order.keyOf(first), order.keyOf(second)] as const;
  return compareKeys(...keys) < 0
    ? explainKeyed(state, { job: first, key: keys[0] }, { job: second, key: keys[1] })
    : explainKeyed(state, { job: second, key: keys[1] }, { job: first, key: keys[0] });
}

/** A job and its place in the order of the queue. */
export interface Keyed {
  readonly job: Job;
  readonly key: OrderKey;
}

/** Why the first goes before the second, when it does. */
export function explainKeyed(state: EngineState, ahead: Keyed, behind: Keyed): OrderExplanation {
  const numbers = { ahead: ahead.job.number, behind: behind.job.number };
  const plain = (reason: OrderReason, sentence: string): OrderExplanation => {
    return { ...numbers, reason, accounts: undefined, sentence };
  };
  const { job } = ahead;
  if (ahead.key.inClass !== behind.key.inClass) {
    const isAged = priorityOf(job) < ahead.key.inClass;
    const [higher, lower] = [ahead.key.inClass, behind.key.inClass].map(
      (at) => priorityClasses[at] ?? "",
    );
    return isAged
      ? plain("aged-class", `job ${job.number} counts as ${higher} by the time it has waited`)
      : plain("class", `job ${job.number} is of class ${higher}, which goes before ${lower}`);
  }
  if (ahead.key.dueAtMs !== behind.key.dueAtMs) {
    const isByDeadline = isPressed(job, state.nowMs);
    const because = isByDeadline
      ? "its deadline is near"
      : "it has waited longer than shares may decide";
    return plain(isByDeadline ? "deadline" : "age", `job ${job.number} goes first: ${because}`);
  }
  return explainShares(state, ahead, behind) ?? plain("number", `job ${job.number} is older`);
}

function explainShares(
  state: EngineState,
  ahead: Keyed,
  behind: Keyed,
): OrderExplanation | undefined {
  const { accounts } = state.shares;
  const [a, b] = [ahead.key.standings, behind.key.standings];
  for (let at = 0; at + 1 < Math.min(a.length, b.length); at += 2) {
    const [ours = 0, ourAt = 0, theirs = 0, theirAt = 0] = [a[at], a[at + 1], b[at], b[at + 1]];
    const [us, them] = [accounts[ourAt]?.id ?? "", accounts[theirAt]?.id ?? ""];
    if (ourAt === theirAt) {
      continue;
    }
    return {
      ahead: ahead.job.number,
      behind: behind.job.number,
      reason: ours < 0 ? "guarantee" : "share",
      accounts: [us, them],
      sentence: standingSentence({ id: us, standing: ours }, { id: them, standing: theirs }),
    };
  }
  return undefined;
}
