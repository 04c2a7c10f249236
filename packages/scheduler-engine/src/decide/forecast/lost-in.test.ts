import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { curtailment, minuteMs } from "../../testing/test-full-hub.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { isMoreThan } from "./broken-tiers.ts";
import { lostIn } from "./lost-in.ts";

const tier = { tierLossMax: 0.25 };
/** A quarter of three minutes is 45 s. */
const lost = { plannedMs: 44_000, moreMs: 3_000 };

function lasting(minutes: number, mode: Curtailment["mode"]): Curtailment {
  const { start } = curtailment();
  const end = instant(Number(start) + minutes * minuteMs);
  return curtailment({ mode, end, ramp: milliseconds(0) });
}

test("no planned one that keeps floors breaks a tier until nodes are off: caps keep the floors meanwhile", () => {
  const planned = lasting(3, "planned");
  const lostMs = lostIn(planned, tier, lost);
  expect(lostMs).toBe(45_000);
  expect(isMoreThan(planned, tier.tierLossMax, lostMs)).toBe(false);
});

test("what is planned counts whole, and what bounds of an emergency take on top of it, up to everything", () => {
  expect(lostIn(lasting(3, "planned"), tier, { plannedMs: 60_000, moreMs: 3_000 })).toBe(60_000);
  expect(lostIn(lasting(3, "emergency"), tier, lost)).toBe(47_000);
  expect(lostIn(lasting(3, "emergency"), tier, { plannedMs: 180_000, moreMs: 1 })).toBe(180_000);
});
