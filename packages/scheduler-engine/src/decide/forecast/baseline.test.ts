import { instant } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { baselineWatts } from "./baseline.ts";
import { Hub, hourMs } from "../testing/test-hub.ts";

const minuteMs = 60_000;

function measured(hub: Hub, watts: number, minutes: number): void {
  for (let minute = 0; minute < minutes; minute += 1) {
    hub.nowMs += minuteMs;
    const domains = [{ domain: 0, watts }];
    const at = instant(hub.nowMs);
    hub.engine.execute({ kind: "measure", at, site: "hub", domains, attempts: [] });
  }
}

function baseline(hub: Hub): number | undefined {
  return baselineWatts(hub.state, known(hub.state.sites.get("hub"), "hub"), 0);
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
