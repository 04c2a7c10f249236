import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, fullHub, minuteMs, schedule } from "../decide/test-full-hub.ts";
import { ObeyingCluster } from "../decide/test-obeying.ts";
import type { FlexibilityTier } from "../words/job-spec.ts";
import { complianceOf, type JobCompliance } from "./compliance.ts";
import { acknowledge, hourMs } from "./test-hub.ts";

/** A mild emergency of three hours, and after some minutes caps at half of full speed for a lost supply. */
function lostMeanwhile(passedMs: number, giveUp: readonly FlexibilityTier[]): JobCompliance {
  const hub = fullHub({ ...bending, flexibilityTier: 25 });
  expect(schedule(hub, { target: watts(40_000), giveUp }).kind).toBe("done");
  acknowledge(hub);
  hub.wait(5 * minuteMs);
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(30_000) });
  acknowledge(hub);
  hub.wait(passedMs);
  const [job] = complianceOf(hub.state, "evening")?.jobs ?? [];
  if (job === undefined) {
    throw new Error("nobody was asked");
  }
  return job;
}

test("a tier is broken once more is lost than it allows of the whole curtailment, unless it was given up", () => {
  const soon = lostMeanwhile(30 * minuteMs, []);
  expect(soon.lossPercent).toBeGreaterThan(25);
  expect(soon.isTierBroken).toBe(false);
  const later = lostMeanwhile(2 * hourMs, []);
  expect(later.lossPercent).toBeGreaterThan(25);
  expect(later.isTierBroken).toBe(true);
  expect(lostMeanwhile(2 * hourMs, [50, 25]).isTierBroken).toBe(false);
});

test("nobody loses more than everything, also while a checkpoint is read back", () => {
  const hub = fullHub({ ...bending, capMin: watts(320) });
  hub.wait(hourMs);
  const span = { start: instant(hub.nowMs), end: instant(hub.nowMs + hourMs) };
  expect(schedule(hub, { target: watts(33_000), giveUp: [50], ...span }).kind).toBe("done");
  const cluster = new ObeyingCluster(hub);
  cluster.pass(10 * minuteMs);
  hub.finish(4);
  cluster.pass(4_000);
  expect(cluster.starts).toHaveLength(1);
  const losses = complianceOf(hub.state, "evening")?.jobs.map((one) => one.lossPercent) ?? [];
  expect(Math.max(...losses)).toBe(100);
});
