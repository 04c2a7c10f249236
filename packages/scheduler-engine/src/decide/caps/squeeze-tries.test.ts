import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";

function acknowledge(hub: Hub): void {
  for (const job of hub.state.jobs.after(0)) {
    for (const { task, attempt, capWatts, capOrder: order } of activeAttempts(job)) {
      const key = { job: job.number, task, attempt };
      hub.report({ kind: "cap-applied", attempt: key, nodes: [], capWatts, order });
    }
  }
}

/** As the runtime does: a tick when one is due, then a pass. */
function goOn(hub: Hub, untilMs: number): void {
  for (;;) {
    const next = hub.engine.nextTickAtMs();
    if (next === undefined || next > untilMs) {
      return;
    }
    hub.wait(next - hub.nowMs);
    hub.place();
    acknowledge(hub);
    hub.place();
  }
}

test.each([1_000, 5_000, 9_999, 11_000])(
  "watts that come %i ms after a squeeze in vain bring the next try",
  (gapMs) => {
    const bending = { flexibilityTier: 50, workloadClass: "straight" } as const;
    const hub = new Hub(cappedHub());
    const budgetWatts = hub.feedWatts() + 4 * 3_200;
    hub.budget("season", "hub", budgetWatts, [startMs]);
    hub.run({ nodeCount: 3, walltime: milliseconds(10 * hourMs) });
    const tier = { ...bending, flexibilityTier: 25 } as const;
    hub.run({ ...tier, nodeCount: 1, walltime: milliseconds(20 * hourMs) });
    const waiting = hub.run({ ...bending, nodeCount: 1, walltime: milliseconds(5 * hourMs) });
    const job = known(hub.state.jobs.get(waiting), "job");
    expect(job.runningCount).toBe(0);
    hub.wait(gapMs);
    hub.budget("season", "hub", budgetWatts + 900, [startMs]);
    hub.place();
    acknowledge(hub);
    goOn(hub, startMs + gapMs + 60_000);
    expect(job.runningCount).toBe(1);
  },
);
