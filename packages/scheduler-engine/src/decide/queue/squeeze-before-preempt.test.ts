import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, attemptsOf, Hub, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { rampedHub } from "../../testing/test-ramped-hub.ts";

const soft: Partial<JobSpec> = {
  flexibilityTier: 50,
  workloadClass: "straight",
  preemptible: true,
  priorityClass: "low",
  walltime: milliseconds(20 * hourMs),
};

/** Seven nodes run, one is free, and 1.5 kW are free of the 3.2 kW that it takes at full power. */
function nearlyFullHub(): Hub {
  // Where there are ramps nobody is promised the start that a squeeze makes room for.
  const hub = new Hub(rampedHub("100 kW/min over 60 s"));
  for (let count = 0; count < 7; count += 1) {
    const job = hub.run(soft);
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  }
  hub.wait(hourMs);
  hub.budget("works", "hub", hub.feedWatts() + 1_500, [hub.nowMs]);
  hub.place();
  return hub;
}

function stoppingCount(hub: Hub): number {
  return attemptsOf(hub).filter(({ phase }) => phase === "stopping").length;
}

test("nobody is stopped for a job while caps that fall for it are on their way", () => {
  const hub = nearlyFullHub();
  const urgent = hub.run({ ...soft, flexibilityTier: 0, priorityClass: "urgent" });
  const lowered = attemptsOf(hub).filter(({ capInForce }) => capInForce !== undefined);
  expect(lowered).toHaveLength(2);
  // One answers, which is not enough yet.
  const { job, task, attempt, heldNodes, capWatts, capOrder } = known(lowered[1], "the second");
  const key = { job, task, attempt };
  hub.report({ kind: "cap-applied", attempt: key, nodes: heldNodes, capWatts, order: capOrder });
  hub.place();
  expect(hub.state.jobs.get(urgent)?.runningCount).toBe(0);
  expect(stoppingCount(hub)).toBe(0);
  acknowledge(hub);
  hub.place();
  expect(hub.state.jobs.get(urgent)?.runningCount).toBe(1);
  expect(stoppingCount(hub)).toBe(0);
});
