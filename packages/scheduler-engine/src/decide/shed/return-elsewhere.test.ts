import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

const beginMs = startMs + 15 * minuteMs;

/** The last node of hall-1 and the only one of hall-2 that is in service. */
const own = [3, 4];

/** A gang in both halls is paused for a target in one of them, and loses its node in the other to somebody else. */
function pausedInBoth(): {
  readonly hub: MeteredHub;
  readonly gang: number;
  readonly rigid: number[];
} {
  const hub = new MeteredHub();
  const rigid = [1, 2, 3].map(() => hub.run({ walltime: milliseconds(100 * hourMs) }));
  hub.cordon(5, 6, 7);
  const gang = hub.run({ ...pausing, nodeCount: 2 });
  expect(nodesOf(hub, gang)).toEqual(own);
  const reply = hub.curtail("evening", {
    domain: hub.hall("hall-1"),
    target: watts(17_600),
    start: instant(beginMs),
    end: instant(beginMs + 5 * hourMs),
    giveUp: [50],
  });
  expect(reply).toEqual({ kind: "done" });
  hub.playUntil(beginMs + 10 * minuteMs);
  expect(nodesOf(hub, gang)).toEqual([]);
  const newcomer = hub.run(bending);
  expect(nodesOf(hub, newcomer)).toEqual([4]);
  return { hub, gang, rigid };
}

function nodesOf(hub: MeteredHub, job: number): readonly number[] {
  return hub.attempts.filter((one) => one.job === job).flatMap(({ heldNodes }) => heldNodes);
}

test("a gang comes back on more nodes below a target only with the watts of all of them", () => {
  const { hub, gang, rigid } = pausedInBoth();
  hub.finish(rigid[0] ?? 0);
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  // Enough for one node, as it had there, and not for two.
  expect(nodesOf(hub, gang)).toEqual([]);
  hub.finish(rigid[1] ?? 0);
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  expect(nodesOf(hub, gang)).toHaveLength(2);
  expect(complianceOf(hub.state, "evening")?.minutesOverCount).toBe(0);
});
