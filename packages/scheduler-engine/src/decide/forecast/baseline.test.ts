import { instant } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { measuredBaseline } from "./baseline.ts";
import { Hub, hourMs } from "../../testing/test-hub.ts";

const minuteMs = 60_000;

function measured(hub: Hub, watts: number, minutes: number): void {
  for (let minute = 0; minute < minutes; minute += 1) {
    read(hub, watts, minuteMs);
  }
}

/** Counted every ten seconds, from one on that is no whole minute. */
function counted(hub: Hub, watts: number, times: number): void {
  for (let time = 0; time < times; time += 1) {
    read(hub, watts, 10_000);
  }
}

function read(hub: Hub, watts: number, periodMs: number): void {
  hub.nowMs += periodMs;
  const domains = [{ domain: 0, watts }];
  const at = instant(hub.nowMs);
  hub.engine.execute({ kind: "measure", at, site: "hub", domains, attempts: [] });
}

function baseline(hub: Hub): number | undefined {
  return measuredBaseline(hub.state, known(hub.state.sites.get("hub"), "hub"), 0)?.watts;
}

test("a baseline is the mean of the last hour, and of nothing older", () => {
  const hub = new Hub();
  measured(hub, 40_000, 61);
  expect(baseline(hub)).toBe(40_000);
  hub.wait(hourMs / 2);
  expect(baseline(hub)).toBe(40_000);
  hub.wait(3 * 24 * hourMs);
  expect(baseline(hub)).toBeUndefined();
  measured(hub, 30_000, 11);
  expect(baseline(hub)).toBe(30_000);
});

test("what jobs drew when they and their meters began is in no baseline, and one is known a minute later", () => {
  const hub = new Hub();
  hub.nowMs = 30_000 + Math.ceil(hub.nowMs / minuteMs) * minuteMs;
  counted(hub, 20_000, 2);
  expect(baseline(hub)).toBeUndefined();
  counted(hub, 40_000, 2);
  const site = known(hub.state.sites.get("hub"), "hub");
  expect(measuredBaseline(hub.state, site, 0)).toEqual({ watts: 40_000, measuredMs: 10_000 });
  counted(hub, 40_000, 30);
  expect(baseline(hub)).toBe(40_000);
});
