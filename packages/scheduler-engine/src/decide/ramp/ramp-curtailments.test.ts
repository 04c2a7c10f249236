import { reportRamp } from "@ertis/power-planning/testing";
import { instant, milliseconds, parseMilliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stateDigest } from "../../history/digest.ts";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { leadMsOf } from "../../state/curtailments.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { Reply } from "../../words/reply.ts";
import {
  MeasuredHub,
  rampedHub,
  type RampedHub,
  rampOfHub,
} from "../../testing/test-ramped-hub.ts";

const minuteMs = 60_000;

/** Eight gangs at full power: 42.6 kW of bounds; 2 kW a minute. */
function fullHub(changes: object = {}): MeasuredHub {
  const hub = new MeasuredHub(rampedHub(), 20);
  for (let gang = 0; gang < 8; gang += 1) {
    hub.submit({
      flexibilityTier: 50,
      workloadClass: "straight",
      walltime: milliseconds(20 * hourMs),
      ...changes,
    });
  }
  hub.pass(1_300);
  expect(hub.feedWatts()).toBe(42_600);
  hub.steps.length = 0;
  return hub;
}

function asked(hub: RampedHub, inMinutes: number, changes: Partial<Curtailment> = {}): Curtailment {
  return {
    id: "evening",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(32_600),
    baseline: watts(41_000),
    start: instant(hub.nowMs + inMinutes * minuteMs),
    end: instant(hub.nowMs + (inMinutes + 30) * minuteMs),
    ramp: milliseconds(0),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(hub.nowMs),
    ...changes,
  };
}

function schedule(hub: RampedHub, curtailment: Curtailment): Reply {
  const at = instant(hub.nowMs);
  return hub.engine.execute({ kind: "schedule-curtailment", at, by: "olga", curtailment }).reply;
}

test("where the ramp is slower, caps fall before the start, so that the target holds from it on", () => {
  const hub = fullHub();
  const curtailment = asked(hub, 20);
  expect(schedule(hub, curtailment)).toEqual({ kind: "done" });
  // 10 kW at 2 kW a minute.
  expect(leadMsOf(known(hub.state.curtailments.records.get("evening"), "record"))).toBe(
    5 * minuteMs,
  );
  hub.pass(15 * 60 - 1);
  expect(hub.feedWatts()).toBe(42_600);
  hub.pass(5 * 60 + 21);
  expect(hub.feedWatts()).toBeLessThan(34_400);
  hub.pass(10 * 60);
  const report = reportRamp(rampOfHub, hub.steps);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestDownWatts).toBeGreaterThan(1_500);
  const compliance = known(complianceOf(hub.state, "evening"), "compliance");
  expect(compliance.minutesOverCount).toBe(0);
  expect(compliance.minutes.length).toBeGreaterThan(9);
  expect(hub.state.ramps.get("hub")?.tallies[0]).toMatchObject({ unplannedCount: 0 });
});

test("the way back keeps the ramp up", () => {
  const hub = fullHub();
  schedule(hub, asked(hub, 10));
  hub.pass(39 * 60);
  hub.steps.length = 0;
  hub.pass(20 * 60);
  expect(hub.feedWatts()).toBe(42_600);
  const report = reportRamp(rampOfHub, hub.steps);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestUpWatts).toBeGreaterThan(1_500);
});

test("too short a notice is refused with the earliest start and the ramp that would do", () => {
  const hub = fullHub();
  const refused = schedule(hub, asked(hub, 2));
  expect(refused).toMatchObject({ kind: "rejected", code: "curtailment-above-ramp" });
  expect(refused.kind === "rejected" ? refused.message : "").toBe(
    "ramp: from what hub carries now to 32.6 kW its ramps take 5 min, and only 2 min are left; let it start 3 min 10 s later (in 5 min 10 s), or give it a ramp of 3 min 10 s: 10 s more than is missing each, for the time to ask again; only an emergency steps",
  );
  expect(hub.state.curtailments.records.size).toBe(0);
  // What it names is possible.
  for (const curtailment of [asked(hub, 5), asked(hub, 2, { ramp: milliseconds(3 * minuteMs) })]) {
    expect(previewCurtailment(hub.state, curtailment).kind).toBe("preview");
  }
  expect(schedule(hub, asked(hub, 2, { mode: "emergency" }))).toEqual({ kind: "done" });
});

test("without any notice it says that no time is left, and that what it names has ten seconds to ask again", () => {
  const hub = fullHub();
  const refused = schedule(hub, asked(hub, 0));
  expect(refused.kind === "rejected" ? refused.message : "").toContain(
    "its ramps take 5 min, and no time is left; let it start 5 min 10 s later (in 5 min 10 s), or give it a ramp of 5 min 10 s: 10 s more than is missing each,",
  );
});

test("where more time alone is not enough, the target that jobs leave room for is named at once", () => {
  const hub = fullHub();
  const refused = schedule(hub, asked(hub, 0, { target: watts(20_000) }));
  const named =
    /later \(in (\d+) min (\d+) s\).*; even then that much breaks what jobs were promised; the smallest target of hub that keeps every floor is ([\d.]+) kW/.exec(
      refused.kind === "rejected" ? refused.message : "",
    );
  const [minutes, seconds, kilowatts] = [1, 2, 3].map((at) => Number(named?.[at]));
  const inMinutes = (minutes ?? 0) + (seconds ?? 0) / 60;
  const typed = asked(hub, inMinutes, { target: watts((kilowatts ?? 0) * 1_000) });
  expect(schedule(hub, typed)).toMatchObject({ kind: "done" });
});

test("what a refusal names is accepted when it is typed back, seconds later, however odd the ramps", () => {
  const slow = rampedHub("140 W/min over 60 s");
  const hub = new MeasuredHub(slow, 20);
  for (let gang = 0; gang < 8; gang += 1) {
    hub.submit({
      flexibilityTier: 50,
      workloadClass: "straight",
      walltime: milliseconds(90 * hourMs),
    });
  }
  hub.pass(20_000);
  expect(hub.feedWatts()).toBeGreaterThan(40_000);
  const end = instant(hub.nowMs + 20 * hourMs);
  const refused = schedule(hub, asked(hub, 3, { end }));
  const message = refused.kind === "rejected" ? refused.message : "";
  const [, startIn = "", ramp = ""] =
    /\(in ([^)]+)\), or give it a ramp of ([^:]+):/.exec(message) ?? [];
  const typed = (text: string): number => {
    const parsed = parseMilliseconds(text);
    return parsed.kind === "ok" ? toNumber(parsed.value) : Number.NaN;
  };
  expect(typed(startIn)).toBeGreaterThan(hourMs);
  const startMs = hub.nowMs + typed(startIn);
  const longer = milliseconds(typed(ramp));
  const short = instant(hub.nowMs + 3 * minuteMs);
  hub.pass(5);
  for (const changes of [{ start: instant(startMs) }, { start: short, ramp: longer }]) {
    const curtailment = asked(hub, 0, { end, ...changes });
    expect(previewCurtailment(hub.state, curtailment).kind).toBe("preview");
  }
});

test("who would start it later is told where plans end before it does", () => {
  const lasting = (days: number): string => {
    const hub = fullHub();
    const end = instant(hub.nowMs + days * 24 * hourMs);
    const refused = schedule(hub, asked(hub, 2, { end }));
    return refused.kind === "rejected" ? refused.message : refused.kind;
  };
  expect(lasting(31)).toContain(
    "(in 5 min 10 s), and let it end within 31 d from now all the same, or give it a ramp",
  );
  expect(lasting(30)).not.toContain("all the same");
});

test("of a lead in whole minutes no more is told than is left before the start", () => {
  const hub = fullHub();
  const ramp = milliseconds(4.6 * minuteMs);
  const preview = previewCurtailment(hub.state, asked(hub, 0.5, { ramp }));
  const forecast = known(preview.kind === "preview" ? preview.forecast : undefined, "preview");
  expect(toNumber(forecast.lead)).toBe(0.5 * minuteMs);
});

test("the ramps of halls hold it up together, where the feed has none", () => {
  const hub = new MeasuredHub(
    rampedHub()
      .replace("\n  ramp: 2 kW/min over 60 s", "")
      .replaceAll("limit: 100 kW, rows", "ramp: 500 W/min over 60 s, limit: 100 kW, rows"),
  );
  for (let gang = 0; gang < 8; gang += 1) {
    hub.submit({
      flexibilityTier: 50,
      workloadClass: "straight",
      walltime: milliseconds(20 * hourMs),
    });
  }
  hub.pass(4_000);
  expect(hub.feedWatts()).toBe(42_600);
  const answer = schedule(hub, asked(hub, 9));
  expect(answer.kind === "rejected" ? answer.message : "").toMatch(/its ramps take 10 min/);
});

test("the preview shows when caps begin to fall, and how", () => {
  const hub = fullHub();
  const curtailment = asked(hub, 20);
  const preview = previewCurtailment(hub.state, curtailment);
  const forecast = known(preview.kind === "preview" ? preview.forecast : undefined, "preview");
  expect(toNumber(forecast.lead)).toBe(5 * minuteMs);
  expect(toNumber(forecast.timeToTarget)).toBe(0);
  const startMs = toNumber(curtailment.start);
  const before = forecast.steps.filter(({ at }) => toNumber(at) <= startMs - 5 * minuteMs);
  const falling = forecast.steps.filter(
    ({ at }) => toNumber(at) > startMs - 5 * minuteMs && toNumber(at) < startMs,
  );
  expect(new Set(before.map((one) => one.watts)).size).toBe(1);
  expect(falling.length).toBe(9);
  const quick = previewCurtailment(hub.state, asked(hub, 20, { ramp: milliseconds(5 * minuteMs) }));
  expect(quick.kind === "preview" ? toNumber(quick.forecast.lead) : -1).toBe(0);
});

test("gangs that pause for it are wound down before they stop", () => {
  const hub = fullHub({
    // What is left to stop is less than the ramp allows in a minute.
    capMin: watts(240),
    checkpoint: { save: milliseconds(20_000), restore: milliseconds(30_000) },
  });
  const answer = schedule(hub, asked(hub, 20, { target: watts(31_300) }));
  expect(answer).toEqual({ kind: "done" });
  hub.pass(40 * 60);
  expect(hub.state.curtailments.paused.size).toBeGreaterThan(0);
  // Who comes back does so in stages, too, though bounds are above the target then.
  const report = reportRamp(rampOfHub, hub.steps);
  expect(report.overSecondCount).toBe(0);
});

test("a restart forgets neither the lead nor what ramps did", () => {
  const hub = fullHub();
  schedule(hub, asked(hub, 20));
  hub.pass(17 * 60);
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  expect(stateDigest(reader.finish())).toBe(stateDigest(hub.state));
});
