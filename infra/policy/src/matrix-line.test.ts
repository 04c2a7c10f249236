import { readFileSync } from "node:fs";
import { join } from "node:path";
import { versions } from "@ertis/charts";
import { expect, test } from "vitest";
import { matrixLine } from "./matrix-line.ts";

const root = join(import.meta.dirname, "../../..");

function lineAt(place: string): string {
  const [file = "", line] = place.split(":");
  return readFileSync(join(root, file), "utf8").split("\n")[Number(line) - 1] ?? "";
}

test("every entry of the matrix is found at its own line", () => {
  for (const group of ["addons", "providers"] as const) {
    for (const key of Object.keys(versions[group])) {
      expect(lineAt(matrixLine(group, key))).toMatch(new RegExp(`^ {4}${key}: `));
    }
  }
  expect(lineAt(matrixLine("kubernetes", "series"))).toBe("    series: [");
});

test("an entry that is not there points to where it would stand", () => {
  expect(lineAt(matrixLine("addons", "istio"))).toBe("  addons: {");
});
