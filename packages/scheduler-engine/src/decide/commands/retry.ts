import type { EngineLimits } from "../../limits.ts";
import type { Attempt, Job } from "../../state/job.ts";
import type { AttemptOutcome } from "../../words/attempt.ts";
import type { AfterExit } from "../../words/event.ts";
import type { FailureCategory } from "../../words/job-spec.ts";

/** The outcome as the scheduler knows it: a stop it asked for is its own doing, not the program's. */
export function finalOutcome(attempt: Attempt, seen: AttemptOutcome): AttemptOutcome {
  if (seen.kind === "succeeded") {
    return seen;
  }
  const category = categoryOfStop(attempt);
  return category === undefined ? seen : { ...seen, category };
}

function categoryOfStop(attempt: Attempt): FailureCategory | undefined {
  switch (attempt.stopReason) {
    case "walltime":
      return "walltime";
    case "node":
      return "node";
    case "drain":
    case "preemption":
      return "preemption";
    case "cancelled":
    case undefined:
      return undefined;
  }
}

/**
 * Does the task run again? Node failures and preemptions are nobody's fault: they are retried
 * without using up the owner's retries, up to a bound that ends cursed tasks.
 */
export function afterExit(
  job: Job,
  attempt: Attempt,
  outcome: AttemptOutcome,
  limits: EngineLimits,
): AfterExit {
  if (outcome.kind === "succeeded" || job.isCancelled || attempt.stopReason === "cancelled") {
    return "finish";
  }
  const tries = job.tries?.get(attempt.task);
  if (outcome.category === "node" || outcome.category === "preemption") {
    return (tries?.freeRetriesUsed ?? 0) < limits.freeRetriesMax ? "retry-free" : "finish";
  }
  const { maxRetries, categories } = job.spec.retry;
  const isRetried = categories.includes(outcome.category) && (tries?.retriesUsed ?? 0) < maxRetries;
  return isRetried ? "retry" : "finish";
}
