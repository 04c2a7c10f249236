import { pressesAtMs } from "../../state/due.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { isEligible, type Job } from "../../state/job.ts";
import { isAhead, QueueOrder } from "../../state/order.ts";
import { findAccount, isSoAbove } from "../../state/shares.ts";
import type { Shape } from "../../state/queue.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { aboveQuota } from "../accounts/above-quota.ts";
import { explainKeyed, type Keyed, type OrderExplanation } from "../accounts/explain-order.ts";

/** Jobs and shapes looked at for one answer. */
const lookedAtMax = 5_000;

export interface JobsAhead {
  readonly count: number;
  /** True: counting stopped early, there are at least `count`. */
  readonly isLowerBound: boolean;
  /** Why the last of them goes first; absent: nobody is ahead, or counting stopped early. */
  readonly last: OrderExplanation | undefined;
  /** From when on its own deadline is near and counts before that; absent: it never will, or does now. */
  readonly pressesFromMs: number | undefined;
}

/**
 * Eligible jobs that go before a job, could want the same GPUs and may ever start within their quotas; an array counts
 * once.
 *
 * @param account those below this account instead, by its index, whatever GPUs they want
 */
export function jobsAhead(state: EngineState, job: Job, account = 0): JobsAhead {
  const order = new QueueOrder(state);
  const key = order.keyOf(job);
  // Who asks for more than it may ever hold takes nobody's turn.
  const isOf = (one: Job): boolean =>
    (account === 0 || isBelow(state, one, account)) && aboveQuota(state, one) === undefined;
  const counting: Counting = { count: 0, left: lookedAtMax, last: undefined, isOf };
  for (const shape of state.queue.shapes()) {
    counting.left -= 1;
    if (counting.left <= 0) {
      break;
    }
    if (account !== 0 || overlaps(shape, job.spec)) {
      for (const line of shape.jobs.lines()) {
        countAhead(line, { job, key }, order, counting);
      }
    }
  }
  const { count, left, last } = counting;
  const isLowerBound = left <= 0;
  const isKnown = last !== undefined && !isLowerBound;
  const why = isKnown ? explainKeyed(state, last, { job, key }) : undefined;
  const isSameClass = why?.reason !== "class" && why?.reason !== "aged-class";
  return {
    count,
    isLowerBound,
    last: why,
    pressesFromMs: count > 0 && isSameClass ? pressesFrom(state, job) : undefined,
  };
}

/** The order of a moment is told with its end where that is known: seconds later it may be another. */
function pressesFrom({ nowMs }: EngineState, { spec, dueAtMs }: Job): number | undefined {
  const fromMs = pressesAtMs(spec);
  return fromMs > nowMs && fromMs === dueAtMs ? fromMs : undefined;
}

interface Counting {
  count: number;
  left: number;
  /** Of those counted the one that goes last. */
  last: Keyed | undefined;
  readonly isOf: (job: Job) => boolean;
}

function isBelow({ shares }: EngineState, { owner, spec }: Job, account: number): boolean {
  const from = findAccount(shares, owner, spec.project);
  return isSoAbove(shares, from, (one) => one === shares.accounts[account]);
}

function overlaps(shape: Shape, spec: JobSpec): boolean {
  const mayMeet = (a: string, b: string): boolean => a === "" || b === "" || a === b;
  return mayMeet(shape.site, spec.site) && mayMeet(shape.gpuModel, spec.gpuModel);
}

/** Walks a heap from its top and turns back where jobs are no longer ahead: costs what it counts. */
function countAhead(
  heap: readonly Job[],
  behind: Keyed,
  order: QueueOrder,
  counting: Counting,
): void {
  const open = [0];
  for (let at = open.pop(); at !== undefined && counting.left > 0; at = open.pop()) {
    const job = heap[at];
    const key = job === undefined ? undefined : order.keyOf(job);
    if (job === undefined || key === undefined || !isAhead(key, behind.key)) {
      continue;
    }
    counting.left -= 1;
    if (isEligible(job) && counting.isOf(job)) {
      counting.count += 1;
      const isLater = counting.last === undefined || isAhead(counting.last.key, key);
      counting.last = isLater ? { job, key } : counting.last;
    }
    open.push(2 * at + 1, 2 * at + 2);
  }
}
