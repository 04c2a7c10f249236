import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { RampedHub } from "../testing/test-ramped-hub.ts";
import { hourMs, startMs } from "../testing/test-hub.ts";
import { known } from "../state/assert.ts";
import { allowedAtMs, allowedPlan } from "./plan-ramp.ts";
import { type PlannedStart, startOf } from "./plan-start.ts";

const everyMs = 300_000;

test("a start that others' steps put off again and again is planned for when all of them are over", () => {
  const hub = new RampedHub();
  const job = hub.submit({ isHeld: true, flexibilityTier: 50, workloadClass: "straight" });
  const site = known(hub.state.sites.get("hub"), "hub");
  const pool = known(site.pools[0], "pool");
  const ramps = known(hub.state.ramps.get("hub"), "ramps");
  // Six others are promised a start, one each five minutes: each takes all that the ramp allows.
  for (let count = 1; count <= 6; count += 1) {
    const other = hub.submit({ isHeld: true, walltime: milliseconds(hourMs) });
    const at = instant(startMs);
    const startAt = instant(startMs + count * everyMs);
    hub.engine.replay({
      at,
      command: { kind: "place", at },
      events: [
        {
          kind: "reservation-made",
          job: other,
          site: "hub",
          gpuModel: "H100",
          startAt,
          nodes: [count],
          isBeside: true,
        },
      ],
    });
  }
  const waiting = known(hub.state.jobs.get(job), "job");
  // As if watts came free at these moments only.
  const plan = (leadMs = 1): PlannedStart | undefined =>
    startOf(
      pool,
      waiting,
      { nodeCount: 1, capWatts: 200 },
      { nowMs: startMs, leadMs: Math.ceil(leadMs / everyMs) * everyMs },
    );
  const planned = known(allowedPlan(hub.state, ramps, waiting, plan), "a start");
  expect(allowedAtMs(hub.state, ramps, waiting, planned)).toBe(planned.startAtMs);
  expect(planned.startAtMs).toBe(startMs + 7 * everyMs);
});
