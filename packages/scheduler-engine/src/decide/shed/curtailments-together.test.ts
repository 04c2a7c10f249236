import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import {
  attemptOf,
  bending,
  code,
  fullHub,
  minuteMs,
  schedule,
} from "../../testing/test-full-hub.ts";

test("of two that overlap the lower target holds, and when it ends the other one", () => {
  const hub = fullHub();
  schedule(hub, { id: "wide", target: watts(38_000) });
  acknowledge(hub);
  hub.wait(minuteMs);
  const end = instant(hub.nowMs + hourMs);
  schedule(hub, { id: "deep", target: watts(31_000), start: instant(hub.nowMs), end });
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(31_000);
  hub.wait(hourMs);
  hub.wait(2_000);
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(38_000);
  expect(hub.feedWatts()).toBeGreaterThan(37_000);
});

test("a nested one sheds below its own domain only", () => {
  const hub = fullHub();
  schedule(hub, { id: "wide", target: watts(40_000) });
  acknowledge(hub);
  const site = known(hub.state.sites.get("hub"), "hub");
  const hall = known(
    site.site.domains.find((one) => one.id.endsWith("hall-1")),
    "hall",
  );
  schedule(hub, { id: "hall", domain: hall.id, target: watts(15_000) });
  acknowledge(hub);
  expect(site.horizons[0]?.load[hall.index]).toBeLessThanOrEqual(15_000 * hall.loadScale);
  expect(hub.feedWatts()).toBeLessThanOrEqual(40_000);
});

test("one that begins while another still gives its watts back sheds from where things are", () => {
  const hub = fullHub();
  const ramp = milliseconds(10 * minuteMs);
  schedule(hub, { target: watts(32_000), ramp, end: instant(startMs + hourMs) });
  acknowledge(hub);
  hub.wait(hourMs + 4 * minuteMs);
  acknowledge(hub);
  const between = hub.feedWatts();
  expect(between).toBeGreaterThan(32_000);
  const start = instant(hub.nowMs);
  const end = instant(hub.nowMs + hourMs);
  expect(code(schedule(hub, { id: "second", target: watts(30_500), start, end }))).toBe("done");
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(30_500);
  // The rest of the first one's ramp lets nothing rise above the second one's target.
  for (let minute = 0; minute < 20; minute += 1) {
    hub.wait(minuteMs);
    acknowledge(hub);
    hub.place();
    expect(hub.feedWatts()).toBeLessThanOrEqual(30_500);
  }
});

test("a feed lost in a curtailment lowers what holds, and floors give way to it", () => {
  const hub = fullHub({ ...bending, flexibilityTier: 25 });
  schedule(hub, { target: watts(38_000) });
  acknowledge(hub);
  expect(attemptOf(hub, 1).floorCapWatts).toBe(300);
  hub.wait(minuteMs);
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(32_000) });
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(32_000);
  hub.report({ kind: "supply-back", domain: 0 });
  hub.wait(2_000);
  acknowledge(hub);
  hub.wait(2_000);
  // The curtailment goes on.
  expect(hub.feedWatts()).toBeLessThanOrEqual(38_000);
  expect(hub.feedWatts()).toBeGreaterThan(37_000);
});
