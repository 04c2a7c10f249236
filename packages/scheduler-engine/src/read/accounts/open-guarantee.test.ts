import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import type { JobSpec } from "../../words/job-spec.ts";
import { explainJob } from "../explain/explain.ts";
import { explanationSentence } from "../explain/sentence.ts";
import { Hub, hourMs } from "../../testing/test-hub.ts";

const soft = {
  preemptible: true,
  checkpoint: { save: milliseconds(30_000), restore: milliseconds(60_000) },
};

const accounts = [
  { id: "north", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(32_000) } },
  { id: "north/p1", weight: 1 },
  { id: "south", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(32_000) } },
  { id: "south/p2", weight: 1 },
];

/** What a job of south is told when north holds all eight nodes of the hub. */
function toldBeside(borrowing: Partial<JobSpec>, nodeCount = 2): string {
  const hub = new Hub();
  hub.engine.execute({ kind: "set-accounts", at: instant(hub.nowMs), by: "olga", accounts });
  for (let node = 0; node < 8; node += 1) {
    const job = hub.run({ project: "p1", ...borrowing });
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  }
  hub.wait(hourMs / 4);
  const job = hub.submit({ project: "p2", nodeCount });
  const explanation = explainJob(hub.state, job);
  return explanation === undefined
    ? ""
    : explanationSentence(explanation, { time: (atMs) => `+${atMs - hub.nowMs}` });
}

test("who waits within a guarantee is told with whom it is out, and whether it may be had back", () => {
  expect(toldBeside({})).toContain(
    "account south holds 0 of the 16 GPUs that it is guaranteed, and north has borrowed 48 GPUs, with jobs that may not be stopped",
  );
  expect(toldBeside(soft)).toContain(
    "north has borrowed 48 GPUs, of which 48 may be had back by stopping jobs",
  );
  // Beyond the guarantee it is a borrower itself.
  expect(toldBeside({}, 3)).not.toContain("guaranteed");
});
