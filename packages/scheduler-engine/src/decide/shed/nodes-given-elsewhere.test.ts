import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { known } from "../../state/assert.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { malleable } from "../../testing/test-malleable-gang.ts";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

test("nodes given to one that gives a floor up are no loss to another one, also when the gang goes on where only that one is", () => {
  const hub = new MeteredHub();
  hub.run({ ...malleable, flexibilityTier: 25, nodeCount: 6, nodeCountMin: 1 });
  const endMs = startMs + 3 * hourMs;
  const span = { start: instant(startMs + hourMs), end: instant(endMs), ramp: milliseconds(0) };
  const inner = { domain: hub.hall("hall-2"), target: watts(9_000), baseline: watts(14_000) };
  expect(hub.curtail("inner", { ...inner, ...span, giveUp: [25] })).toEqual({ kind: "done" });
  const wide = { target: watts(38_000), baseline: watts(40_000), ...span };
  expect(hub.curtail("wide", wide)).toEqual({ kind: "done" });
  hub.playUntil(endMs - minuteMs);
  // It gave back its nodes of the second hall, and has lost a third by that.
  expect(hub.attempts.map(({ placement }) => placement.nodes)).toEqual([[0, 1, 2, 3]]);
  const [gang] = known(complianceOf(hub.state, "wide"), "wide").jobs;
  expect(gang?.lossPercent).toBeGreaterThan(33);
  expect(gang).toMatchObject({ forOthersPercent: gang?.lossPercent, isTierBroken: false });
});

test.each([
  ["", false],
  [", by bounds while nobody measures", true],
])(
  "they are given for the one that gives the floor up, wherever the first of them is, and are back at once after its end%s",
  (_, isSilent) => {
    const hub = new MeteredHub();
    hub.run({ ...malleable, flexibilityTier: 25, nodeCount: 6, nodeCountMin: 1 });
    const beginMs = startMs + hourMs;
    const overMs = beginMs + hourMs;
    const span = { start: instant(beginMs), ramp: milliseconds(0) };
    const inner = { domain: hub.hall("hall-2"), target: watts(9_000), baseline: watts(14_000) };
    const innerEnd = { end: instant(overMs), giveUp: [25] } as const;
    expect(hub.curtail("inner", { ...inner, ...span, ...innerEnd })).toEqual({ kind: "done" });
    const wide = { target: watts(36_000), baseline: watts(40_000), end: instant(overMs + hourMs) };
    expect(hub.curtail("wide", { ...wide, ...span })).toEqual({ kind: "done" });
    hub.playUntil(beginMs + 2 * minuteMs);
    expect(hub.attempts.map(({ placement }) => placement.nodes)).toEqual([[0, 1, 2, 3]]);
    hub.areMetersSilent = isSilent;
    hub.playUntil(overMs + 4 * minuteMs);
    expect(hub.attempts.map(({ placement }) => placement.nodes.length)).toEqual([6]);
    hub.playUntil(overMs + hourMs);
    const [gang] = known(complianceOf(hub.state, "wide"), "wide").jobs;
    expect(gang).toMatchObject({ forOthersPercent: gang?.lossPercent, isTierBroken: false });
  },
);
