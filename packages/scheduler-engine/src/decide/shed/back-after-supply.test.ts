import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs } from "../../testing/test-hub.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

test("who was paused for a lost supply comes back with it, beside a planned curtailment that has room for it", () => {
  const hub = new MeteredHub();
  for (let job = 0; job < 4; job += 1) {
    hub.run(pausing);
  }
  hub.beginAll();
  hub.playUntil(hub.nowMs + 10 * minuteMs);
  const domain = hub.site.domainIndexById.get(hub.hall("hall-1")) ?? -1;
  const lossMs = hub.nowMs + 5 * minuteMs;
  expect(
    hub.curtail("day", {
      domain: hub.hall("hall-1"),
      target: watts(40_000),
      baseline: watts(50_000),
      start: instant(hub.nowMs + minuteMs),
      end: instant(hub.nowMs + 2 * hourMs),
      ramp: milliseconds(0),
    }),
  ).toEqual({ kind: "done" });
  hub.playUntil(lossMs);
  hub.report({ kind: "supply-lost", domain, remaining: watts(12_000) });
  hub.playUntil(lossMs + 5 * minuteMs);
  expect(hub.state.curtailments.paused.size).toBeGreaterThan(0);
  hub.report({ kind: "supply-back", domain });
  hub.playUntil(lossMs + 7 * minuteMs);
  expect(hub.state.curtailments.paused.size).toBe(0);
  expect(hub.attempts.map(({ phase }) => phase)).toEqual(Array(4).fill("running"));
});
