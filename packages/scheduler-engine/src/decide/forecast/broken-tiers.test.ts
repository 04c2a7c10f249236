import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, curtailment, fullHub, minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { ObeyingCluster } from "../../testing/test-obeying.ts";
import { nodeAsleep } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { complianceOf, type JobCompliance } from "../../read/curtailments/compliance.ts";
import { isTierBroken, lateMs } from "./broken-tiers.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { acknowledge, cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";

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
function halfHub(tiers: readonly FlexibilityTier[] = [10, 10]): Hub {
  const hub = new Hub(cappedHub());
  for (const flexibilityTier of tiers) {
    hub.run({ ...bending, flexibilityTier, nodeCount: 2, walltime: milliseconds(9 * hourMs) });
  }
  return hub;
}

interface Trip {
  readonly minutes: number;
  readonly targetWatts?: number;
  readonly giveUp?: readonly FlexibilityTier[];
  readonly tiers?: readonly FlexibilityTier[];
}

function asked(
  { nowMs }: Hub,
  { minutes, targetWatts = 25_500, giveUp = [] }: Trip,
): Partial<Curtailment> {
  const end = instant(nowMs + minutes * minuteMs);
  return { target: watts(targetWatts), start: instant(nowMs), end, giveUp };
}

interface Broken {
  /** By the preview, and by compliance afterwards. */
  readonly isTold: boolean;
  readonly isSeen: boolean;
  readonly worstPercent: number;
}

/** Caps are taken at once; nodes take as long as they may to go off. */
function broken(trip: Trip): Broken {
  const hub = halfHub(trip.tiers);
  const preview = previewCurtailment(hub.state, curtailment(asked(hub, trip)));
  if (preview.kind === "rejected") {
    throw new Error(preview.message);
  }
  expect(schedule(hub, asked(hub, trip))).toEqual({ kind: "done" });
  for (let second = 0; second < trip.minutes * 60 - 1; second += 1) {
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
  const { jobs, tiers } = preview.forecast;
  return {
    isTold: jobs.some((one) => one.isTierBroken),
    isSeen: complianceOf(hub.state, "evening")?.jobs.some((one) => one.isTierBroken) === true,
    worstPercent: Math.max(...tiers.map((one) => one.worstLossPercent)),
  };
}

const kept = { isTold: false, isSeen: false };

test.each([0.75, 2, 4])(
  "an emergency of %f minutes is refused where tiers do not bear that caps alone hold it until nodes are off, and kept with the target that is named",
  (minutes) => {
    const hub = halfHub();
    const refused = previewCurtailment(hub.state, curtailment(asked(hub, { minutes })));
    expect(refused).toMatchObject({
      kind: "rejected",
      code: "curtailment-breaks-floors",
      infeasible: { isUntilSettled: true, domain: "hub", enough: [10] },
    });
    expect(refused.kind === "rejected" ? refused.message : "").toContain(
      "breaks what jobs were promised, since caps alone hold it until idle nodes are off and checkpoints are written; the smallest target of hub that",
    );
    const infeasible = refused.kind === "rejected" ? refused.infeasible : undefined;
    const targetWatts = Number(infeasible?.smallest);
    expect(broken({ minutes, targetWatts })).toMatchObject(kept);
    const smaller = curtailment(asked(hub, { minutes, targetWatts: targetWatts - 200 }));
    expect(previewCurtailment(hub.state, smaller).kind).toBe("rejected");
    expect(infeasible?.gains.map(({ tierPercent }) => tierPercent)).toEqual([10]);
    expect(Number(infeasible?.gains[0]?.frees)).toBeGreaterThan(targetWatts - 25_500);
  },
);

test("a longer one is not refused for that, nor one that gives those floors up", () => {
  expect(broken({ minutes: 60 })).toMatchObject(kept);
  const givenUp = broken({ minutes: 4, giveUp: [10] });
  expect(givenUp).toMatchObject(kept);
  expect(givenUp.worstPercent).toBeGreaterThan(10.5);
});

test("until then nobody is lowered by more than his tier bears where others may be", () => {
  expect(broken({ minutes: 4, tiers: [10, 50] })).toMatchObject(kept);
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
