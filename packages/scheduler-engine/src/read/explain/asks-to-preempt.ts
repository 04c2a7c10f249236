import { toNumber } from "@ertis/quantities";
import { Line } from "../../decide/queue/line.ts";
import { Reclaims } from "../../decide/queue/reclaims.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { isEligible, type Job } from "../../state/job.ts";
import { isAhead, QueueOrder } from "../../state/order.ts";
import type { Shape } from "../../state/queue.ts";
import { findAccount } from "../../state/shares.ts";
import { jobsAhead } from "./ahead.ts";

/**
 * Would the next pass ask whom a job that is submitted now may stop? Who waits has been asked already, and only those of
 * its own shape go before it: where one of them is told no, so is it, other than for what its account is guaranteed. Where
 * something was released since the last pass everybody is asked anew, and what those ahead get nobody knows.
 */
export function asksToPreempt(state: EngineState, job: Job): boolean {
  const { shapeCount } = state.queue;
  const shape = state.queue.shapeOf(job.spec);
  const isNew = state.queue.shapeCount > shapeCount;
  try {
    return state.passedAtRelease === state.releaseCount
      ? isAskedFor(state, job, shape)
      : jobsAhead(state, job).count === 0;
  } finally {
    if (isNew) {
      state.queue.removeIfEmpty(shape);
    }
  }
}

function isAskedFor(state: EngineState, job: Job, shape: Shape): boolean {
  const account = findAccount(state.shares, job.owner, job.spec.project);
  const asked = { shape, account, walltimeMs: toNumber(job.spec.walltime) };
  const order = new QueueOrder(state);
  const key = order.keyOf(job);
  const isJobAhead = (one: Job): boolean => isAhead(order.keyOf(one), key);
  const accountsAhead = new Set(
    [...shape.jobs.lines()]
      .map((line) => anyAhead(line, isJobAhead))
      .flatMap((one) =>
        one === undefined ? [] : [findAccount(state.shares, one.owner, one.spec.project)],
      ),
  );
  return new Reclaims(state).mayFind(asked, job)
    ? !accountsAhead.has(account)
    : accountsAhead.size === 0 && !new Line(state).isKnownBlocked(asked);
}

/** Anybody of a heap who is ahead; turns back where jobs no longer are. */
function anyAhead(heap: readonly Job[], isBefore: (job: Job) => boolean): Job | undefined {
  const open = [0];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const job = heap[at];
    if (job !== undefined && isBefore(job)) {
      if (isEligible(job)) {
        return job;
      }
      open.push(2 * at + 1, 2 * at + 2);
    }
  }
  return undefined;
}
