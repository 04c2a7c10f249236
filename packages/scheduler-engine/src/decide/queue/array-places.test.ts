import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import { explain } from "../../read/explain/explain.ts";
import { explanationSentence } from "../../read/explain/sentence.ts";
import { cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import { bending } from "../../testing/test-full-hub.ts";
import type { Event } from "../../words/event.ts";

/** Three tasks of six may run at once, and three more would have room; the first one is paused. */
function pausedArray(): { readonly hub: Hub; readonly job: number } {
  const hub = new Hub(cappedHub());
  const array = { taskCount: 6, taskThrottle: 3, walltime: milliseconds(10 * hourMs) };
  const job = hub.run({ ...bending, ...array });
  expect(tasksOf(hub, job)).toEqual([0, 1, 2]);
  const attempt = { job, task: 0, attempt: 1 };
  const until = instant(hub.nowMs + hourMs);
  happened(hub, [
    { kind: "job-paused", job, task: 0, site: "hub", until },
    { kind: "stop-requested", attempt, reason: "preemption" },
  ]);
  return { hub, job };
}

function happened(hub: Hub, events: readonly Event[]): void {
  const at = instant(hub.nowMs);
  hub.engine.replay({ at, command: { kind: "place", at }, events });
}

function tasksOf(hub: Hub, job: number): readonly number[] {
  const attempts = activeAttempts(known(hub.state.jobs.get(job), "array"));
  return attempts.filter(({ phase }) => phase !== "exited").map(({ task }) => task);
}

test("a task that is paused keeps its place in its array: no other one starts instead", () => {
  const { hub, job } = pausedArray();
  const attempt = { job, task: 0, attempt: 1 };
  const outcome = { kind: "failed", category: "application", exitCode: 143 } as const;
  hub.report({ kind: "attempt-exited", attempt, outcome });
  hub.place();
  // Its nodes have not confirmed its stop yet.
  expect(tasksOf(hub, job)).toEqual([1, 2]);
  hub.report({ kind: "stop-confirmed", attempt, nodes: [] });
  hub.place();
  expect(tasksOf(hub, job)).toEqual([1, 2]);
  const array = known(hub.state.jobs.get(job), "array");
  const explanation = explain(hub.state, array);
  expect(explanation).toMatchObject({
    reason: "array-throttle",
    throttle: { runningCount: 2, pausedCount: 1, maxCount: 3 },
    startLowerBoundMs: undefined,
  });
  expect(explanationSentence(explanation, { time: String })).toContain(
    "waits for its own array: 2 of at most 3 tasks run, and 1 is paused and comes back first",
  );
  happened(hub, [{ kind: "job-resumed", job, task: 0 }]);
  hub.place();
  expect(tasksOf(hub, job).toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
});

test("a place is kept for what comes back only: when it is done, another one starts", () => {
  const { hub, job } = pausedArray();
  hub.finish(job, 0);
  hub.place();
  expect(tasksOf(hub, job)).toEqual([1, 2, 3]);
});
