import type { AttemptExited, Entry } from "@ertis/scheduler-engine";
import { type Checker, keyText } from "../checker.ts";
import type { World } from "../world.ts";

/** Who tries again and who pays: node failures and preemptions never use up the owner's retries. */
export function retryChecker(): Checker {
  return {
    property: "retries",
    before(event, { world, entry, report }) {
      if (event.kind !== "attempt-exited") {
        return;
      }
      const expected = expectedNext(world, event);
      if (expected !== undefined && expected !== event.next) {
        report(`${keyText(event.attempt)} should ${expected}, not ${event.next}`);
      }
      if (!isReported(entry, event)) {
        report(`nobody reported the exit of ${keyText(event.attempt)}`);
      }
    },
  };
}

function expectedNext(world: World, event: AttemptExited): AttemptExited["next"] | undefined {
  const job = world.jobs.get(event.attempt.job);
  const task = world.taskOf(event.attempt);
  const attempt = world.attemptOf(event.attempt);
  if (job === undefined || task === undefined || attempt === undefined) {
    return undefined;
  }
  if (event.outcome.kind === "succeeded" || job.isCancelled || attempt.stopReason === "cancelled") {
    return "finish";
  }
  const { category } = event.outcome;
  if (category === "node" || category === "preemption") {
    return task.freeRetriesUsed < world.limits.freeRetriesMax ? "retry-free" : "finish";
  }
  const { maxRetries, categories } = job.spec.retry;
  return categories.includes(category) && task.retriesUsed < maxRetries ? "retry" : "finish";
}

/** An exit has a cause: its own report, or the power-off of a node it held. */
function isReported({ command }: Entry, { attempt: key }: AttemptExited): boolean {
  if (command.kind === "confirm-power-off") {
    return true;
  }
  return (
    command.kind === "report" &&
    command.observations.some(
      (one) =>
        one.kind === "node-powered-off" ||
        ("attempt" in one && one.attempt.job === key.job && one.attempt.task === key.task),
    )
  );
}
