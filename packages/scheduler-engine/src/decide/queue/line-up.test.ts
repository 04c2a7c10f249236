import { expect, test } from "vitest";
import { Hub } from "../../testing/test-hub.ts";

/** A full hub, and two jobs of one shape that wait, the older one first in line. */
function waitingTwo(): {
  readonly hub: Hub;
  readonly running: readonly number[];
  readonly older: number;
  readonly younger: number;
} {
  const hub = new Hub();
  const running = Array.from({ length: 8 }, () => hub.run());
  const older = hub.run();
  const younger = hub.run();
  hub.place();
  return { hub, running, older, younger };
}

test.each(["hold-jobs", "cancel-jobs"] as const)(
  "behind the first job of a shape the next one is asked for after %s",
  (kind) => {
    const { hub, running, older, younger } = waitingTwo();
    hub.change(kind, [older]);
    hub.place();
    hub.finish(running[0] ?? 0);
    hub.place();
    expect(hub.state.jobs.get(older)?.runningCount).toBe(0);
    expect(hub.state.jobs.get(younger)?.runningCount).toBe(1);
  },
);

test("behind the first job of a shape the next one is asked for once that has started", () => {
  const { hub, running, older, younger } = waitingTwo();
  hub.finish(running[0] ?? 0);
  hub.place();
  expect(hub.state.jobs.get(older)?.runningCount).toBe(1);
  hub.finish(running[1] ?? 0);
  hub.place();
  expect(hub.state.jobs.get(younger)?.runningCount).toBe(1);
});

test("a job that comes before the first of its shape is asked for before it", () => {
  const { hub, running, older, younger } = waitingTwo();
  hub.change("hold-jobs", [older]);
  hub.place();
  hub.change("release-jobs", [older]);
  hub.place();
  hub.finish(running[0] ?? 0);
  hub.place();
  hub.finish(running[1] ?? 0);
  hub.place();
  expect([older, younger].map((job) => hub.state.jobs.get(job)?.runningCount)).toEqual([1, 1]);
});
