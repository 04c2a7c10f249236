import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stopGraceMs } from "../../limits.ts";
import { attemptsOf, Hub, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { JobSpec } from "../../words/job-spec.ts";

const restore = milliseconds(60_000);
const soft: Partial<JobSpec> = {
  preemptible: true,
  checkpoint: { save: milliseconds(30_000), restore },
  walltime: milliseconds(20 * hourMs),
};

function runSoft(hub: Hub, changes: Partial<JobSpec> = {}): number {
  const job = hub.run({ ...soft, ...changes });
  hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  return job;
}

test("who makes others stop is promised a start for the work that its own stop has left", () => {
  const hub = new Hub();
  hub.run({ nodeCount: 7, walltime: milliseconds(200 * hourMs) });
  const job = runSoft(hub);
  hub.wait(10 * hourMs);
  const urgent = hub.run({ priorityClass: "urgent" });
  const attempt = { job, task: 0, attempt: 1 };
  const outcome = { kind: "failed", category: "preemption", exitCode: 143 } as const;
  hub.report(
    { kind: "checkpointed", attempt },
    { kind: "attempt-exited", attempt, outcome },
    { kind: "stop-confirmed", attempt, nodes: [] },
  );
  hub.change("hold-jobs", [job]);
  hub.place();
  hub.finish(urgent);
  const low = runSoft(hub, { priorityClass: "low" });
  hub.wait(hourMs);
  hub.change("release-jobs", [job]);
  hub.place();
  expect(attemptsOf(hub).find((one) => one.job === low)?.phase).toBe("stopping");
  const kept = hub.state.sites.get("hub")?.pools[0]?.reservations[0];
  const { startAtMs, holdsUntilMs } = known(kept, "what is kept for it");
  expect(holdsUntilMs - startAtMs - stopGraceMs).toBe(10 * hourMs + Number(restore));
});
