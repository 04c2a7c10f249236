import { readFileSync } from "node:fs";
import { milliseconds, watts } from "@ertis/quantities";
import type { Curtailment } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { curtailment } from "./test-checks.ts";
import { exampleFiles } from "../run/examples.ts";
import { openSite } from "../run/open-site.ts";
import { TargetMeter } from "./target-meter.ts";

function createMeter(
  untilMs: number,
  broken: string[] = [],
  changes: Partial<Curtailment> = {},
): TargetMeter {
  const opened = openSite("hall.yaml", readFileSync(exampleFiles.site, "utf8"));
  if (opened.kind === "errors") {
    throw new Error("the example's site is broken");
  }
  const meter = new TargetMeter(opened.site, (_, message) => broken.push(message));
  const event = curtailment("planned", 60_000, untilMs);
  if (event.kind !== "curtailment-scheduled") {
    throw new Error("no curtailment");
  }
  const asked = { ...event.curtailment, domain: "example", ...changes };
  meter.observe({ ...event, curtailment: asked }, 0);
  return meter;
}

test("minutes count after the ramp, whole ones only, until the curtailment is over", () => {
  const meter = createMeter(260_000);
  meter.pass(0, 90_000, () => 500_000);
  meter.pass(90_000, 120_000, () => 1_700_000);
  meter.pass(120_000, 600_000, () => 900_000);
  // 500 and 1,700 kW: a mean of 1,100 kW; then two minutes of 900 kW, and 20 s that are no minute.
  expect(meter.scores()).toMatchObject([
    { minuteCount: 3, overCount: 1, worstMinuteWatts: 1_100_000, targetWatts: 1_000_000 },
  ]);
  expect(meter.scores()[0]?.usedPart).toBeCloseTo(2_900 / 3_000, 12);
});

test("of a target of 0 W no part is used", () => {
  const meter = createMeter(260_000, [], { target: watts(0) });
  meter.pass(0, 600_000, () => 0);
  expect(meter.scores()).toMatchObject([{ minuteCount: 3, overCount: 0, usedPart: 0 }]);
});

test("minutes are those of compliance: from the start on, where a ramp ends within one", () => {
  const broken: string[] = [];
  const meter = createMeter(0, broken);
  const event = curtailment("planned", 60_000, 900_000);
  if (event.kind === "curtailment-scheduled") {
    const ramp = milliseconds(90_000);
    meter.observe({ ...event, curtailment: { ...event.curtailment, domain: "example", ramp } }, 0);
  }
  // Half a minute too much, a minute too little, half a minute too much: on the mean of each minute no more than the target.
  meter.pass(0, 210_000, () => 1_100_000);
  meter.pass(210_000, 270_000, () => 880_000);
  meter.pass(270_000, 300_000, () => 1_120_000);
  expect(meter.scores()).toMatchObject([
    { minuteCount: 2, overCount: 0, worstMinuteWatts: 1_000_000 },
  ]);
  expect(broken).toEqual([]);
});

test("a clock that steps back tells no moment twice, and one that steps forward leaves no hole", () => {
  const meter = createMeter(360_000);
  meter.pass(0, 200_000, () => 900_000);
  // It steps back by 90 s.
  meter.pass(110_000, 230_000, () => 900_000);
  // It steps forward by 70 s.
  meter.pass(300_000, 400_000, () => 900_000);
  expect(meter.scores()).toMatchObject([
    { minuteCount: 5, overCount: 0, worstMinuteWatts: 900_000 },
  ]);
  expect(meter.scores()[0]?.usedPart).toBeCloseTo(0.9, 12);
});

test("a minute above a planned target is a broken promise, once it was said to hold and nothing is cut", () => {
  const broken: string[] = [];
  const meter = createMeter(900_000, broken);
  meter.pass(0, 120_000, () => 900_000);
  // Within the tolerance.
  meter.pass(120_000, 180_000, () => 1_004_000);
  expect(broken).toEqual([]);
  meter.pass(180_000, 240_000, () => 1_006_000);
  expect(broken).toEqual([
    "c: 1006000.0 W drawn in the minute from 1970-01-01T00:03:00.000Z on, the target is 1000000 W",
  ]);
  // While nobody measures, and five minutes after.
  meter.disturb(300_000);
  meter.pass(240_000, 600_000, () => 2_000_000);
  expect(broken).toHaveLength(1);
  meter.pass(600_000, 660_000, () => 2_000_000);
  expect(broken).toHaveLength(2);
});

test("what was said to hold later is held to that", () => {
  const broken: string[] = [];
  const meter = createMeter(900_000, broken);
  meter.promise("late", 240_000);
  const event = curtailment("planned", 60_000, 900_000);
  if (event.kind === "curtailment-scheduled") {
    const { curtailment: one } = event;
    meter.observe({ ...event, curtailment: { ...one, id: "late", domain: "example" } }, 0);
  }
  meter.pass(0, 360_000, () => 2_000_000);
  expect(broken.filter((message) => message.startsWith("c:"))).toHaveLength(5);
  expect(broken.filter((message) => message.startsWith("late:"))).toHaveLength(1);
});
