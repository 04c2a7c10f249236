import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { curtailment, minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";

/** Six of 16 nodes are busy; all jobs can pause. */
function partlyBusyHub(): Hub {
  const hub = new Hub(cappedHub().replace("nodes: 2 ×", "nodes: 4 ×"));
  const jobs: readonly (readonly [FlexibilityTier, nodes: number, saveSeconds: number])[] = [
    [25, 1, 45],
    [50, 3, 120],
    [10, 2, 75],
  ];
  for (const [flexibilityTier, nodeCount, saveSeconds] of jobs) {
    const save = milliseconds(saveSeconds * 1_000);
    const checkpoint = { save, restore: milliseconds(minuteMs) };
    const walltime = milliseconds(9 * hourMs);
    hub.submit({ workloadClass: "straight", flexibilityTier, nodeCount, walltime, checkpoint });
  }
  hub.place();
  return hub;
}

/** An emergency of ten minutes. */
function asked(
  hub: Hub,
  targetWatts: number,
  giveUp: readonly FlexibilityTier[] = [],
): Partial<Curtailment> {
  const end = instant(hub.nowMs + 10 * minuteMs);
  const floors = giveUp.length === 0 ? {} : { giveUp };
  return { target: watts(targetWatts), start: instant(hub.nowMs), end, ...floors };
}

function smallestOf(hub: Hub, giveUp: readonly FlexibilityTier[]): number {
  const answer = previewCurtailment(hub.state, curtailment(asked(hub, 22_000, giveUp)));
  return answer.kind === "rejected" ? Number(answer.infeasible?.smallest) : 0;
}

test("an emergency that keeps every floor is accepted as one that gives none up, though a plan that may give one up would miss it", () => {
  const hub = partlyBusyHub();
  const smallest = smallestOf(hub, []);
  expect(smallest).toBeGreaterThan(22_000);
  expect(smallestOf(hub, [10])).toBeLessThanOrEqual(smallest);
  expect(previewCurtailment(hub.state, curtailment(asked(hub, 31_000))).kind).toBe("preview");
  expect(schedule(hub, asked(hub, 31_000, [10]))).toEqual({ kind: "done" });
  const known = hub.state.curtailments.records.get("evening")?.curtailment;
  expect(known?.giveUp).toBeUndefined();
  expect(known?.mayGiveUp).toEqual([10]);
});

test("one whose floors have to be given up for it gives up all that it may, as it was asked", () => {
  const hub = partlyBusyHub();
  expect(schedule(hub, asked(hub, 24_000, [50, 25, 10]))).toEqual({ kind: "done" });
  const known = hub.state.curtailments.records.get("evening")?.curtailment;
  expect(known?.giveUp).toEqual([50, 25, 10]);
  expect(known?.mayGiveUp).toBeUndefined();
});
