import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { bending, curtailment, minuteMs } from "../../testing/test-full-hub.ts";
import type { Infeasible } from "./forecast-refusal.ts";

/** 32 nodes, a part of them busy with so many jobs of one GPU and a gang of tier 10; the others go off, which may take two minutes. */
function partlyBusyHub(jobCount: number): Hub {
  const hub = new Hub(cappedHub().replace("nodes: 2 ×", "nodes: 8 ×"));
  const walltime = milliseconds(9 * hourMs);
  hub.submit({ ...bending, flexibilityTier: 10, nodeCount: 8, walltime });
  for (let at = 0; at < jobCount; at += 1) {
    const flexibilityTier = at % 2 === 0 ? 50 : 25;
    hub.submit({ ...bending, flexibilityTier, gpusPerNode: 1, walltime });
  }
  hub.place();
  return hub;
}

/** Undefined: an emergency of so long is accepted. */
function refusalOf(
  hub: Hub,
  minutes: number,
  targetWatts: number,
  giveUp: readonly FlexibilityTier[] = [],
): Infeasible | undefined {
  const end = instant(hub.nowMs + minutes * minuteMs);
  const ask = { target: watts(Math.round(targetWatts)), start: instant(hub.nowMs), end, giveUp };
  const answer = previewCurtailment(hub.state, curtailment(ask));
  if (answer.kind === "rejected") {
    expect(answer.code).toBe("curtailment-breaks-floors");
    return answer.infeasible;
  }
  return undefined;
}

/** Watts by 32 nodes, 8 of them with a gang, and by jobs of one GPU: all on and at full power. */
function fullWatts(jobCount: number): number {
  return 1_000 + 32 * 2_000 + (64 + jobCount) * 400;
}

test.each([
  [20, 10],
  [70, 4],
  [70, 10],
  [90, 60],
])(
  "beside idle nodes %i jobs are told a smallest target for %i minutes that is accepted, when a clearly smaller one is not",
  (jobCount, minutes) => {
    const hub = partlyBusyHub(jobCount);
    const full = fullWatts(jobCount);
    expect(refusalOf(hub, minutes, full - 500)).toBeUndefined();
    const askedWatts = Math.round(full * 0.4);
    const smallest = Number(refusalOf(hub, minutes, askedWatts)?.smallest);
    expect(refusalOf(hub, minutes, smallest)).toBeUndefined();
    expect(refusalOf(hub, minutes, Math.round(smallest * 0.97))).toBeDefined();
  },
);

test.each([
  [20, 10],
  [70, 4],
  [70, 10],
])(
  "and of %i jobs for %i minutes the tiers that are named are enough, and their floors free what is told",
  (jobCount, minutes) => {
    const hub = partlyBusyHub(jobCount);
    const full = fullWatts(jobCount);
    const smallest = Number(refusalOf(hub, minutes, Math.round(full * 0.4))?.smallest);
    const asked = [0.97, 0.93].map((part) => Math.round(smallest * part));
    for (const askedWatts of asked) {
      const refused = known(refusalOf(hub, minutes, askedWatts), "refusal");
      const enough = known(refused.enough, "tiers that are enough");
      expect(refusalOf(hub, minutes, askedWatts, enough)).toBeUndefined();
      for (const tier of [50, 25, 10] as const) {
        const frees = refused.gains.find(({ tierPercent }) => tierPercent === tier)?.frees;
        const without = Number(refused.smallest) - Number(frees);
        expect(refusalOf(hub, minutes, without, [tier])).toBeUndefined();
      }
    }
  },
);

/** More jobs than are searched with whole plans, and a quarter as many GPUs idle. */
function wideHub(): Hub {
  const text = cappedHub(1_000)
    .replace("nodes: 2 ×", "nodes: 50 ×")
    .replaceAll("limit: 50 kW", "limit: 500 kW")
    .replaceAll("limit: 100 kW", "limit: 1000 kW")
    .replaceAll(/limit: (250|300) kW/g, "limit: 4000 kW");
  const hub = new Hub(text);
  const walltime = milliseconds(9 * hourMs);
  for (const flexibilityTier of [50, 25, 10] as const) {
    hub.submit({ ...bending, flexibilityTier, gpusPerNode: 1, taskCount: 400, walltime });
  }
  while (hub.engine.needsPass) {
    hub.place();
  }
  return hub;
}

test("of more jobs than are all searched the smallest target is one that is accepted, too, when a clearly smaller one is not, and so are the tiers", () => {
  const hub = wideHub();
  const full = hub.feedWatts();
  for (const minutes of [4, 10, 60]) {
    const refused = known(refusalOf(hub, minutes, full * 0.4), "refusal");
    const smallest = Number(refused.smallest);
    expect(refused.isRough).toBe(false);
    expect(refusalOf(hub, minutes, smallest)).toBeUndefined();
    expect(refusalOf(hub, minutes, Math.round(smallest * 0.97))).toBeDefined();
    const enough = known(refused.enough, "tiers that are enough");
    expect(refusalOf(hub, minutes, full * 0.4, enough)).toBeUndefined();
  }
});

test("and where other domains bind, too, it is one that is accepted, and not called the smallest", () => {
  const hub = wideHub();
  hub.budget("evening", "hub/sub-1/hall-1", 400_000, [startMs]);
  const full = hub.feedWatts();
  const ask = curtailment({
    target: watts(Math.round(full * 0.4)),
    start: instant(hub.nowMs),
    end: instant(hub.nowMs + 4 * minuteMs),
  });
  const answer = previewCurtailment(hub.state, ask);
  const refused = answer.kind === "rejected" ? known(answer.infeasible, "refusal") : undefined;
  expect(refused?.isRough).toBe(true);
  expect(refusalOf(hub, 4, Number(refused?.smallest))).toBeUndefined();
  const message = answer.kind === "rejected" ? answer.message : "";
  expect(message).toMatch(
    /a target of hub that keeps every floor is .*, and a smaller one may, too/,
  );
  expect(message).not.toMatch(/the smallest target|would not be enough/);
});
