import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, curtailment, fullHub, minuteMs, schedule } from "../testing/test-full-hub.ts";
import { ObeyingCluster } from "../testing/test-obeying.ts";
import { nodeAsleep } from "../../state/site-state.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { complianceOf, type JobCompliance } from "../../read/curtailments/compliance.ts";
import { isTierBroken, lateMs } from "./broken-tiers.ts";
import type { CurtailmentForecast } from "./forecast.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { acknowledge, cappedHub, Hub, hourMs } from "../../read/test-hub.ts";

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

test("an order down, one up and a tick are nobody's loss, in four minutes no more than that", () => {
  const short = curtailment({ end: instant(Number(curtailment().start) + 4 * minuteMs) });
  expect(lateMs).toBe(5_000);
  // A tenth is 24 s; caps in whole watts take up to a two hundredth more.
  expect([25_200, 25_201].map((lostMs) => isTierBroken(short, 10, lostMs))).toEqual([false, true]);
});

/** Four of eight nodes are busy; the others go off, which may take two minutes. */
function halfHub(): Hub {
  const hub = new Hub(cappedHub());
  for (let gang = 0; gang < 2; gang += 1) {
    hub.run({ ...bending, flexibilityTier: 10, nodeCount: 2, walltime: milliseconds(9 * hourMs) });
  }
  return hub;
}

function trip(hub: Hub, minutes: number, giveUp: readonly FlexibilityTier[]): CurtailmentForecast {
  const end = instant(hub.nowMs + minutes * minuteMs);
  const asked = { target: watts(25_500), start: instant(hub.nowMs), end, giveUp };
  const preview = previewCurtailment(hub.state, curtailment(asked));
  if (preview.kind === "rejected") {
    throw new Error(preview.message);
  }
  schedule(hub, asked);
  return preview.forecast;
}

test("a preview says whose tier is broken until nodes are off, as compliance does afterwards", () => {
  const broken = (minutes: number, giveUp: readonly FlexibilityTier[] = []): unknown => {
    const hub = halfHub();
    const forecast = trip(hub, minutes, giveUp);
    const worst = Math.max(...forecast.tiers.map((one) => one.worstLossPercent));
    const foreseen = forecast.jobs.some((one) => one.isTierBroken);
    // Nodes take as long as they may.
    for (let second = 0; second < minutes * 60 - 1; second += 1) {
      acknowledge(hub);
      if (second === 119) {
        hub.state.sites.get("hub")?.nodeFlags.forEach((flags, node) => {
          if ((flags & nodeAsleep) !== 0) {
            hub.report({ kind: "node-powered-off", node });
          }
        });
      }
      hub.wait(1_000);
    }
    const jobs = complianceOf(hub.state, "evening")?.jobs ?? [];
    return [worst > 10.5, foreseen, jobs.some((one) => one.isTierBroken)];
  };
  expect(broken(4)).toEqual([true, true, true]);
  expect(broken(60)).toEqual([false, false, false]);
  expect(broken(4, [10])).toEqual([true, false, false]);
});

test("who was stopped for something else while it was on is told with when and why, who was stopped later is not", () => {
  const hub = fullHub();
  const end = instant(hub.nowMs + hourMs);
  schedule(hub, { target: watts(36_000), end });
  acknowledge(hub);
  hub.wait(10 * minuteMs);
  hub.change("cancel-jobs", [2]);
  const stoppedAtMs = hub.nowMs;
  hub.finish(2);
  hub.wait(hourMs);
  hub.change("cancel-jobs", [3]);
  hub.finish(3);
  const told = complianceOf(hub.state, "evening")?.jobs ?? [];
  expect(told.map(({ job, stopped }) => [job, stopped])).toEqual([
    [1, undefined],
    [2, { at: instant(stoppedAtMs), reason: "cancelled" }],
    [3, undefined],
  ]);
});
