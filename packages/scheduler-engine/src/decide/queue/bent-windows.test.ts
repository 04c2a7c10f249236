import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts, type Attempt } from "../../state/job.ts";

function attemptOf(hub: Hub, job: number): Attempt | undefined {
  return activeAttempts(known(hub.state.jobs.get(job), "job"))[0];
}

const minuteMs = 60_000;

/** Seven of eight nodes are free until a start in two hours, for which all eight are kept. */
function hubBeforeStart(): Hub {
  const hub = new Hub(cappedHub());
  hub.run({ walltime: milliseconds(2 * hourMs) });
  hub.run({ nodeCount: 8 });
  expect(hub.state.sites.get("hub")?.pools[0]?.reservations[0]?.startAtMs).toBe(
    startMs + 2 * hourMs + minuteMs,
  );
  return hub;
}

test("a gang that may be smaller starts with the nodes that are done before a kept start", () => {
  const hub = hubBeforeStart();
  // Seven nodes need 97 minutes for it; four would run 170, into the start.
  const walltime = milliseconds(85 * minuteMs);
  const least = hub.run({ nodeCount: 8, nodeCountMin: 1, walltime });
  expect(attemptOf(hub, least)?.heldNodes.length).toBe(7);
});

test("one that may be slower starts at the cap with which it is done before a kept start", () => {
  const hub = hubBeforeStart();
  // What is free now feeds seven nodes at 350 W a GPU.
  const room = hub.feedWatts() + 7 * 8 * 350;
  hub.budget("feed", "hub", room, [startMs, startMs + 2 * hourMs]);
  const walltime = milliseconds(100 * minuteMs);
  const bending = { flexibilityTier: 50, workloadClass: "straight", capMin: watts(200) } as const;
  const slow = hub.run({ ...bending, nodeCount: 7, walltime });
  // 100 minutes take 114 at 350 W, and 200 at half of full power.
  expect(attemptOf(hub, slow)?.capWatts).toBeGreaterThan(340);
});
