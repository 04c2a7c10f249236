import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { assert } from "../../state/assert.ts";
import { bending, code, minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { attemptsOf, cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { ObeyingCluster } from "../../testing/test-obeying.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";

/** Eight nodes that count their peak as long as anybody runs on them, with two gangs of these tiers on each. */
function sharedHub(tiers: readonly [FlexibilityTier, FlexibilityTier]): Hub {
  const hub = new Hub(cappedHub().replace("partUse: share", "partUse: peak"));
  for (let at = 0; at < 16; at += 1) {
    const flexibilityTier = tiers[at % 2] ?? 0;
    const walltime = milliseconds(10 * hourMs);
    hub.run({ ...bending, gpusPerNode: 4, walltime, flexibilityTier });
  }
  // 17 kW idle and fixed, 8 × 3.2 kW.
  assert(hub.feedWatts() === 42_600, "all run");
  return hub;
}

/** By node, how many of those on it are told to stop. */
function stoppingOnNodes(hub: Hub): readonly number[] {
  const counts = new Map<number, number>();
  for (const { phase, heldNodes } of attemptsOf(hub)) {
    for (const node of phase === "stopping" ? heldNodes : []) {
      counts.set(node, (counts.get(node) ?? 0) + 1);
    }
  }
  return [...counts.values()];
}

test("who shares a node that counts its peak pauses in turn with all on it, and an emergency is held by that", () => {
  const hub = sharedHub([50, 50]);
  expect(code(schedule(hub, { target: watts(37_000) }))).toBe("done");
  expect(stoppingOnNodes(hub)).toEqual([2, 2]);
  const cluster = new ObeyingCluster(hub);
  cluster.pass(2 * minuteMs);
  cluster.pass(hourMs, () => expect(hub.feedWatts()).toBeLessThanOrEqual(37_000));
});

test("a planned curtailment may ask all on such nodes who bear it, as far as the one bears it that bears least", () => {
  const ask = { mode: "planned", start: instant(startMs + hourMs) } as const;
  const slight = { ...ask, target: watts(37_000) };
  expect(code(schedule(sharedHub([50, 50]), slight))).toBe("done");
  expect(code(schedule(sharedHub([50, 10]), slight))).toBe("curtailment-breaks-floors");
});

test.each(["planned", "emergency"] as const)(
  "who shares such a node with others stops in a %s that gives floors up only if theirs are given up, too, and the refusal says so",
  (mode) => {
    const ask = { mode, start: instant(startMs + hourMs), target: watts(20_000) };
    expect(code(schedule(sharedHub([50, 50]), { ...ask, giveUp: [50] }))).toBe("done");
    expect(schedule(sharedHub([50, 10]), { ...ask, giveUp: [50] })).toMatchObject({
      code: "curtailment-breaks-floors",
      message: expect.stringMatching(/--give-up 50,10$/),
    });
    expect(code(schedule(sharedHub([50, 10]), { ...ask, giveUp: [50, 10] }))).toBe("done");
  },
);

test("the smallest target that is named where nodes count their peak is accepted, and none a hundredth smaller", () => {
  const ask = { mode: "planned", start: instant(startMs + hourMs) } as const;
  const refused = schedule(sharedHub([50, 50]), { ...ask, target: watts(33_000) });
  const message = refused.kind === "rejected" ? refused.message : "";
  const smallest =
    Number(/smallest target of hub that keeps every floor is ([\d.]+) kW/.exec(message)?.[1]) *
    1_000;
  expect(code(schedule(sharedHub([50, 50]), { ...ask, target: watts(smallest) }))).toBe("done");
  const less = { ...ask, target: watts(Math.floor(smallest * 0.99)) };
  expect(code(schedule(sharedHub([50, 50]), less))).toBe("curtailment-breaks-floors");
});

test("beside somebody of tier 0 on such a node nobody pauses in vain", () => {
  const hub = sharedHub([50, 0]);
  expect(code(schedule(hub, { target: watts(40_000) }))).toBe("curtailment-breaks-floors");
  expect(stoppingOnNodes(hub)).toEqual([]);
});
