import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { cappedHub, Hub, hourMs } from "../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { bending, curtailment, minuteMs } from "../testing/test-full-hub.ts";
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
  const ask = { target: watts(targetWatts), start: instant(hub.nowMs), end, giveUp };
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
