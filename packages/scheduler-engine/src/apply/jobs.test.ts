import { expect, test } from "vitest";
import { hourMs, Hub } from "../testing/test-hub.ts";

const weekMs = 7 * 24 * hourMs;

test("a finished job stays in memory as long as one of its nodes is held", () => {
  const hub = new Hub();
  const job = hub.run({ nodeCount: 2 });
  const attempt = { job, task: 0, attempt: 1 };
  hub.report({ kind: "attempt-exited", attempt, outcome: { kind: "succeeded" } });
  hub.report({ kind: "stop-confirmed", attempt, nodes: [0] });
  hub.wait(weekMs + 1);
  expect(hub.state.jobs.get(job)).toBeDefined();
  hub.report({ kind: "stop-confirmed", attempt, nodes: [1] });
  hub.wait(1);
  expect(hub.state.jobs.get(job)).toBeUndefined();
});
