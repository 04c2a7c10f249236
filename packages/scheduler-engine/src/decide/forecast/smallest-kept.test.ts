import { expect, test } from "vitest";
import { smallestKept } from "./smallest-kept.ts";

const between = { fits: 10_000, tooSmall: 2_000 };

test("of targets that are kept from one on it is that one, to within a sixtieth of where it is looked for", () => {
  for (const least of [2_001, 4_321, 7_000, 9_990]) {
    const found = smallestKept((targetWatts) => targetWatts >= least, between);
    expect(found).toBeGreaterThanOrEqual(least);
    expect(found).toBeLessThanOrEqual(least + 8_000 / 60);
  }
});

test("one that is kept below others that are not is found", () => {
  const keeps = (targetWatts: number): boolean =>
    (targetWatts >= 4_000 && targetWatts <= 5_200) || targetWatts >= 6_500;
  const found = smallestKept(keeps, between);
  expect(found).toBeGreaterThanOrEqual(4_000);
  expect(found).toBeLessThanOrEqual(4_000 + 8_000 / 60);
});
