/** Jobs that may be stopped for others, and what becomes of them, for tests of preemption. */
import { instant, milliseconds } from "@ertis/quantities";
import { type Hub, hourMs } from "./test-hub.ts";
import { assert } from "../state/assert.ts";
import type { Account } from "../words/account.ts";
import type { JobSpec } from "../words/job-spec.ts";

const checkpoint = { save: milliseconds(30_000), restore: milliseconds(60_000) };
export const soft: Partial<JobSpec> = {
  preemptible: true,
  checkpoint,
  priorityClass: "low",
  walltime: milliseconds(20 * hourMs),
};

/** @throws when the accounts are refused */
export function share(hub: Hub, accounts: readonly Account[]): void {
  const at = instant(hub.nowMs);
  const { reply } = hub.engine.execute({ kind: "set-accounts", at, by: "olga", accounts });
  assert(reply.kind === "done", "the accounts are taken");
}

/** Fills the eight nodes of the hub with jobs that may be stopped. */
export function fill(hub: Hub, changes: Partial<JobSpec> = {}, count = 8): readonly number[] {
  return Array.from({ length: count }, () => {
    const job = hub.run({ ...soft, ...changes });
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
    return job;
  });
}

export function stoppingOf(hub: Hub): readonly number[] {
  const found: number[] = [];
  for (const job of hub.state.jobs.after(0)) {
    for (const attempt of job.active?.values() ?? []) {
      if (attempt.phase === "stopping") {
        assert(attempt.stopReason === "preemption", "who stops is preempted");
        found.push(job.number);
      }
    }
  }
  return found;
}

export function saveAndLeave(hub: Hub, job: number, count = 1): void {
  const attempt = { job, task: 0, attempt: count };
  hub.report(
    { kind: "checkpointed", attempt },
    {
      kind: "attempt-exited",
      attempt,
      outcome: { kind: "failed", category: "preemption", exitCode: 143 },
    },
    { kind: "stop-confirmed", attempt, nodes: [] },
  );
}

export function runningCount(hub: Hub, job: number): number {
  return hub.state.jobs.get(job)?.runningCount ?? 0;
}
