import { watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { namedTarget } from "./named-target.ts";
import { type Kept, smallestKept } from "./smallest-kept.ts";

const between = { fits: 10_000, tooSmall: 2_000, leastAsked: 2_000 };

function keptWhere(isKept: (targetWatts: number) => boolean): Kept {
  const figureOf = (targetWatts: number): number =>
    namedTarget({ baseline: watts(0) }, targetWatts).targetWatts;
  return { isKept, figureOf, isFigureKept: isKept, isSpent: () => false };
}

test("of targets that are kept from one on it is that one, to within a hundredth and the figure that it is named by", () => {
  for (const least of [2_001, 4_321, 7_000, 9_900]) {
    const { targetWatts, isSmallest } = smallestKept(
      keptWhere((tried) => tried >= least),
      between,
    );
    expect(targetWatts).toBeGreaterThanOrEqual(least);
    expect(targetWatts * 0.99).toBeLessThan(least);
    expect(isSmallest).toBe(true);
  }
});

test("one that is kept below others that are not is found", () => {
  const isKept = (tried: number): boolean => (tried >= 4_000 && tried <= 5_200) || tried >= 6_500;
  const { targetWatts } = smallestKept(keptWhere(isKept), between);
  expect(targetWatts).toBeGreaterThanOrEqual(4_000);
  expect(targetWatts * 0.99).toBeLessThan(4_000);
});

test("one that is kept, and not as it is named, is not named, and what is named is not called the smallest", () => {
  const kept = {
    ...keptWhere((tried) => tried >= 6_500),
    isFigureKept: (tried: number) => tried >= 7_000,
  };
  const { targetWatts, isSmallest } = smallestKept(kept, between);
  expect(targetWatts).toBeGreaterThanOrEqual(7_000);
  expect(isSmallest).toBe(false);
});

test("what takes too long is not looked at: what is named is kept, and not called the smallest where a hundredth less is kept, too", () => {
  let askedCount = 0;
  const isKept = (tried: number): boolean => {
    askedCount += 1;
    return tried >= 4_321;
  };
  const kept = { ...keptWhere(isKept), isSpent: () => askedCount >= 3 };
  const { targetWatts, isSmallest } = smallestKept(kept, between);
  expect(targetWatts).toBe(between.fits);
  expect(isSmallest).toBe(false);
  expect(askedCount).toBeLessThan(6);
});

test.each([
  [0, 53_716, 53_800, undefined],
  [0, 999_001, 1_000_000, undefined],
  [80_000, 53_716, 53_800, 53_760],
  [80_000, 80_000, 80_000, undefined],
])(
  "of a baseline of %i W, %i W are named as %i W, and in thousandths as %s",
  (baseline, needed, figure, byPart) => {
    const named = namedTarget({ baseline: watts(baseline) }, needed);
    expect([named.targetWatts, named.byPart?.targetWatts]).toEqual([figure, byPart]);
  },
);
