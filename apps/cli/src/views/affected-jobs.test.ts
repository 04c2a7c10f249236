import { AffectedJob, CurtailmentEffect } from "@ertis/api";
import { expect, test } from "vitest";
import { createAffectedColumns } from "./affected-jobs.ts";

function happens(job: Partial<AffectedJob>): string {
  const column = createAffectedColumns([], true).find(({ title }) => title === "WHAT HAPPENS");
  const cell = column?.cell(AffectedJob.fromPartial(job)) ?? "";
  return typeof cell === "string" ? cell : cell.text;
}

test("a pause is told beside the cap, and who was paused before does not grow from no nodes", () => {
  const paused = { effect: CurtailmentEffect.PAUSED, nodeCountBefore: 2, nodeCount: 2 };
  expect(happens({ ...paused, capWatts: 200 })).toBe("paused, cap full power → 200 W");
  expect(happens(paused)).toBe("paused");
  const back = { effect: CurtailmentEffect.PAUSED, nodeCountBefore: 0, nodeCount: 1 };
  expect(happens({ ...back, pauseFromTimeMs: 1_000, pauseUntilTimeMs: 2_000 })).toMatch(
    /^paused \S+ to \S+$/,
  );
  const shrunk = { effect: CurtailmentEffect.SHRUNK, nodeCountBefore: 8, nodeCount: 7 };
  expect(happens(shrunk)).toBe("8 → 7 nodes");
});

test("who was stopped for something else is told when and why", () => {
  const capped = { effect: CurtailmentEffect.CAPPED, capWatts: 630, stoppedTimeMs: 1_000 };
  expect(happens({ ...capped, stoppedFor: "preemption" })).toMatch(
    /^stopped \S+ \(preempted\), cap full power → 630 W$/,
  );
  expect(happens({ ...capped, stoppedFor: "cancelled" })).toContain("(cancelled), cap");
});

function titlesOf(job: Partial<AffectedJob>): readonly string[] {
  return createAffectedColumns([AffectedJob.fromPartial(job)], true).map(({ title }) => title);
}

test("what was lost while others had given the floor up, and after the end, stands in columns of their own, where there is any", () => {
  expect(titlesOf({ forOthersPermille: 250 })).toContain("FOR OTHERS");
  expect(titlesOf({ afterEndLostMs: 1_000 })).toContain("AFTER END");
  expect(titlesOf({ isHeldBack: true })).toContain("AFTER END");
  expect(titlesOf({}).filter((title) => /FOR OTHERS|AFTER END/.test(title))).toEqual([]);
});
