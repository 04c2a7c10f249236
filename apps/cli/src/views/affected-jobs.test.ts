import { AffectedJob, CurtailmentEffect } from "@ertis/api";
import { expect, test } from "vitest";
import { createAffectedColumns, groupAffected } from "./affected-jobs.ts";

function happens(job: Partial<AffectedJob>): string {
  const column = createAffectedColumns([], true).find(({ title }) => title === "WHAT HAPPENS");
  const first = AffectedJob.fromPartial(job);
  const cell = column?.cell({ first, all: [first] }) ?? "";
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
  const groups = groupAffected([AffectedJob.fromPartial(job)], true);
  return createAffectedColumns(groups, true).map(({ title }) => title);
}

test("what was lost while others had given the floor up, and after the end, stands in columns of their own, where there is any", () => {
  expect(titlesOf({ forOthersPermille: 250 })).toContain("FOR OTHERS");
  expect(titlesOf({ afterEndLostMs: 1_000 })).toContain("AFTER END");
  expect(titlesOf({ isHeldBack: true })).toContain("AFTER END");
  expect(titlesOf({}).filter((title) => /FOR OTHERS|AFTER END/.test(title))).toEqual([]);
});

test("tasks of an array to which the same happens stand in one line, from the least to the most of what they lose", () => {
  const paused = { effect: CurtailmentEffect.PAUSED, flexibilityTierPercent: 50 };
  const capped = { ...paused, effect: CurtailmentEffect.CAPPED, capWatts: 500 };
  const jobs = [
    { jobId: "6_0", ...paused, lossPermille: 818, afterEndLostMs: 61_000 },
    { jobId: "7", ...paused, lossPermille: 815 },
    { jobId: "6_2", ...paused, lossPermille: 790, afterEndLostMs: 60_000 },
    { jobId: "6_1", ...paused, lossPermille: 800, afterEndLostMs: 61_000 },
    { jobId: "6_5", ...capped, lossPermille: 282 },
    ...[9, 11, 13, 15].map((task) => ({ jobId: `8_${task}`, ...capped, lossPermille: 282 })),
    { jobId: "6_6", ...paused, lossPermille: 700, isTierBroken: true },
  ].map((one) => AffectedJob.fromPartial(one));
  const rows = (isUnicode: boolean): readonly (readonly string[])[] => {
    const groups = groupAffected(jobs, isUnicode);
    const columns = createAffectedColumns(groups, isUnicode).filter(({ title }) =>
      ["JOB", "WHAT HAPPENS", "LOSES", "AFTER END"].includes(title),
    );
    return groups.map((group) =>
      columns.map(({ cell }) => {
        const shown = cell(group);
        return typeof shown === "string" ? shown : shown.text;
      }),
    );
  };
  expect(rows(true)).toEqual([
    ["6[0-2]", "3 tasks paused", "79 % to 81.8 %", "1 min to 1 min 1 s"],
    ["7", "paused", "81.5 %", "-"],
    ["6_5", "cap full power → 500 W", "28.2 %", "-"],
    ["8[9,11,13,…]", "4 tasks cap full power → 500 W", "28.2 %", "-"],
    ["6_6", "paused", "✗ 70 %", "-"],
  ]);
  expect(rows(false)[3]?.[0]).toBe("8[9,11,13,...]");
});
