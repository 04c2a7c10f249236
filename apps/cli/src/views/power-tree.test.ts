import { expect, test } from "vitest";
import { toDomain } from "../testing/sample-power.ts";
import { renderPowerTree } from "./power-tree.ts";

const view = {
  style: { isColoured: false, isUnicode: true, width: 80 },
  hasHeaders: false,
  nowMs: 0,
  isWide: false,
};

test("nodes that were switched off to save power are no alarm", () => {
  const asleep = { gpuLostCount: 0, gpuAsleepCount: 24, nodeAsleepCount: 3 };
  const lines = renderPowerTree([toDomain({ id: "hub/hall-1", ...asleep })], view);
  expect(lines.map((line) => line.trim())).toContain("3 nodes asleep to save power");
  expect(lines.join("\n")).not.toContain("lost or off");
});

test("under a budget far below what runs the column of percent keeps its width", () => {
  const full = (budgetWatts: number): string | undefined =>
    renderPowerTree([toDomain({ id: "hub/hall-1", boundWatts: 1_956_400, budgetWatts })], view)
      .join("\n")
      .match(/>?\d+%/)?.[0];
  expect(full(1)).toBe(">999%");
  expect(full(195_640)).toBe(">999%");
  expect(full(978_200)).toBe("200%");
});

test("what is lost beside them is told without them", () => {
  const both = { gpuLostCount: 8, gpuAsleepCount: 8, nodeAsleepCount: 1 };
  const lines = renderPowerTree([toDomain({ id: "hub/hall-1", ...both })], view);
  const told = lines.map((line) => line.trim());
  expect(told).toContain("✗ GPUs: 8 lost or off");
  expect(told).toContain("1 node asleep to save power");
});

test("a lost supply is named with what is left, also where nobody said which", () => {
  const shown = (lostSupply: string): readonly string[] =>
    renderPowerTree(
      [toDomain({ id: "hub/hall-1", remainingWatts: 3_200_000, lostSupply })],
      view,
    ).map((line) => line.trim());
  expect(shown("ups-b")).toContain("✗ SUPPLY ups-b IS LOST: it carries 3.20 MW");
  expect(shown("")).toContain("✗ A SUPPLY IS LOST: it carries 3.20 MW");
});

test("a draw above what may be drawn now is told with its age", () => {
  const drawn = { drawWatts: 3_130_000, drawTimeMs: 60_000, boundWatts: 2_870_000 };
  const show = (domain: Parameters<typeof toDomain>[0]): readonly string[] =>
    renderPowerTree([toDomain(domain)], { ...view, nowMs: 98_000 }).map((line) => line.trim());
  const note = "drawn before bounds fell: measured 38 s ago";
  expect(show({ id: "hub/hall-1", ...drawn })).toContain(note);
  expect(show({ id: "hub/hall-1", ...drawn, drawWatts: 2_860_000 })).not.toContain(note);
});

test("a curtailment that is over and still holds watts back is named with until when", () => {
  const back = {
    givingBackWatts: 2_900_000,
    givingBackCurtailmentId: "noon",
    givingBackUntilTimeMs: view.nowMs + 40_000,
  };
  const notes = (domain: Parameters<typeof toDomain>[0]): string =>
    renderPowerTree([toDomain(domain)], view)
      .map((line) => line.trim())
      .join(" ");
  expect(notes({ id: "hub/hall-1", ...back })).toMatch(
    /curtailment noon is over and gives its watts back step by step until \S+ \(in 40 s\): at most 2\.90 MW now/,
  );
  expect(notes({ id: "hub/hall-1" })).not.toContain("gives its watts back");
});
