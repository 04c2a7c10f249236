import { expect, test } from "vitest";
import { samplePower, toDomain } from "../testing/sample-power.ts";
import { renderPowerTree } from "./power-tree.ts";
import { toSupplyNote } from "./supply-note.ts";

const supplies = [
  { name: "ups-a", usableWatts: 36_000, boundWatts: 24_000, failedName: "ups-b" },
  { name: "ups-b", usableWatts: 36_000, boundWatts: 32_000, failedName: "ups-d" },
  { name: "ups-c", usableWatts: 36_000, boundWatts: 8_000, failedName: "" },
];

test("the supply nearest to its limit is named with the failure that brings it there", () => {
  const style = { isColoured: false, isUnicode: true, width: 80 };
  const hall = toDomain({ id: "hub/hall-1", supplies });
  const view = { style, hasHeaders: false, nowMs: 0, isWide: false };
  expect(renderPowerTree([hall], view).map((line) => line.trim())).toContain(
    "fullest supply: ups-b, 32.0 kW of 36.0 kW after a failure of ups-d",
  );
});

test("above nine tenths it is a warning", () => {
  expect(toSupplyNote({ supplies }).map(([tone]) => tone)).toEqual(["dim"]);
  const [first, ...others] = supplies;
  const fuller = first === undefined ? [] : [{ ...first, boundWatts: 35_000, failedName: "" }];
  expect(toSupplyNote({ supplies: [...fuller, ...others] })).toEqual([
    ["warn", "fullest supply: ups-a, 35.0 kW of 36.0 kW"],
  ]);
});

test("domains of other redundancies say nothing of supplies", () => {
  expect(samplePower.flatMap(toSupplyNote)).toEqual([]);
});
