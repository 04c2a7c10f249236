import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Reply } from "../../words/reply.ts";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

/**
 * A job that may lose nothing runs in a hall in which the other nodes were off for minutes: the hall draws what the
 * job does by its curve, 5,040 W. Then they come back, with 6 kW idle.
 * @returns what a curtailment of the hall from now on is answered so long after that
 */
function curtailedAfter(backMs: number, targetWatts: number): Reply {
  const hub = new MeteredHub();
  hub.run({ workloadClass: "straight", walltime: milliseconds(10 * hourMs) });
  hub.beginAll();
  const [job] = hub.attempts;
  const others = [0, 1, 2, 3].filter((node) => !known(job, "it runs").heldNodes.includes(node));
  const hall = hub.hall("hall-1");
  for (const node of others) {
    hub.report({ kind: "node-lost", node }, { kind: "node-powered-off", node });
  }
  // Into a minute: the one in which they come back holds their watts in part.
  hub.playUntil(hub.nowMs + 10 * minuteMs + 40_000);
  expect(hub.drawnWatts.find(([id]) => id === hall)?.[1]).toBe(5_040);
  for (const node of others) {
    hub.report({ kind: "node-ready", node });
  }
  hub.playUntil(hub.nowMs + backMs);
  return hub.curtail("now", {
    domain: hall,
    target: watts(targetWatts),
    baseline: watts(11_100),
    start: instant(hub.nowMs),
    ramp: milliseconds(0),
  });
}

// As long as nothing was measured with all of them what curves may be wrong by is kept free.
test.each([
  [0, 5_220],
  [10_000, 5_220],
  [10 * minuteMs, 5_150],
])(
  "a job counts as its curve says beside nodes that came back %i ms ago: what they did not draw then is nothing that it draws less",
  (backMs, enoughWatts) => {
    expect(curtailedAfter(backMs, 5_000).kind).toBe("rejected");
    expect(curtailedAfter(backMs, enoughWatts)).toEqual({ kind: "done" });
  },
);
