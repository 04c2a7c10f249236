import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { hourMs } from "../../testing/test-hub.ts";
import type { Curtailment } from "../../words/curtailment.ts";

function emergency(hub: MeteredHub, hall: string, changes: Partial<Curtailment>): void {
  const start = instant(hub.nowMs);
  const ramp = milliseconds(0);
  const domain = hub.hall(hall);
  const reply = hub.curtail(hall, { mode: "emergency", domain, start, ramp, ...changes });
  expect(reply).toEqual({ kind: "done" });
}

test("a short emergency beside a long one elsewhere costs nobody more than his tier bears of the short one", () => {
  const hub = new MeteredHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run({ ...pausing, walltime: milliseconds(30 * hourMs) });
  }
  const shortMs = 5 * hourMs;
  const endMs = hub.nowMs + shortMs;
  emergency(hub, "hall-1", { target: watts(16_900), end: instant(endMs) });
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  emergency(hub, "hall-2", {
    target: watts(12_000),
    giveUp: [50],
    end: instant(hub.nowMs + 20 * hourMs),
  });
  const outMs = new Map<number, number>();
  hub.playUntil(endMs, () => {
    for (const { job, nodes } of hub.state.curtailments.paused.values()) {
      if ((nodes[0] ?? 8) < 4) {
        outMs.set(job, (outMs.get(job) ?? 0) + hub.periodMs);
      }
    }
  });
  // Three of four take turns.
  expect(outMs.size).toBe(3);
  expect(Math.max(...outMs.values())).toBeLessThanOrEqual(shortMs / 2);
});
