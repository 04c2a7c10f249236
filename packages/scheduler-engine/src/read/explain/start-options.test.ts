import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { cappedHub, explained, Hub, hourMs, startMs } from "../../testing/test-hub.ts";

test("who waits for watts on kept nodes, and is done before the start on them, is told when it has them", () => {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 2 });
  hub.run({ nodeCount: 2, walltime: milliseconds(10 * hourMs) });
  hub.run({ nodeCount: 8 });
  // A kW is fixed, 16 kW idle, and every node takes 3.2 kW more at work: six of eight have room.
  hub.budget("works", "hub", 37_000, [startMs - hourMs, startMs + 9 * hourMs]);
  const job = hub.submit({ nodeCount: 4, walltime: milliseconds(2 * hourMs) });
  const { reason, head, startLowerBoundMs } = explained(hub, job);
  expect(reason).toBe("power-budget");
  expect(head).toBeUndefined();
  expect(startLowerBoundMs).toBe(startMs + hourMs);
  hub.wait(hourMs);
  hub.finish(1);
  hub.place();
  expect(hub.state.jobs.get(job)?.runningCount).toBe(1);
});

test("no bound counts on it that a cap stays as low as it is", () => {
  const hub = new Hub(cappedHub());
  const runs = hub.run({
    flexibilityTier: 50,
    workloadClass: "straight",
    nodeCount: 4,
    walltime: milliseconds(2 * hourMs),
  });
  const head = hub.run({ nodeCount: 8 });
  const bound = (): number => known(explained(hub, head).startLowerBoundMs, "bound");
  const before = bound();
  hub.setCap({ job: runs, task: 0, attempt: 1 }, 200, startMs + 4 * hourMs);
  expect(bound()).toBe(before);
});
