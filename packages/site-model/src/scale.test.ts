import { expect, test } from "vitest";
import { ratio } from "./ratio.ts";
import { loadScaleOf, nodeMultiplier, parentMultiplier } from "./scale.ts";

test("a factor of 1 counts whole watts", () => {
  const own = loadScaleOf(ratio(1n), []);
  expect(own.scale).toBe(1n);
  expect(nodeMultiplier(own)).toBe(1n);
});

test("the scale is the smallest that keeps loads whole: factors that cancel cost nothing", () => {
  // 5/4 inside 8/5 is 2: quarters of a watt inside become whole watts in fifths.
  const child = loadScaleOf(ratio(5n, 4n), []);
  const parent = loadScaleOf(ratio(8n, 5n), [child.scale]);
  expect(child).toEqual({ scale: 4n, inner: 1n, outerPerInner: 5n });
  expect(parent).toEqual({ scale: 5n, inner: 4n, outerPerInner: 2n });
  // 4 W of a node are 20 quarters in the child and 8 W, 40 fifths, in the parent.
  expect(20n * parentMultiplier(parent, child.scale)).toBe(40n);
});

test("children with different scales meet at the least common multiple", () => {
  const parent = loadScaleOf(ratio(1n), [4n, 6n]);
  expect(parent.scale).toBe(12n);
  expect([parentMultiplier(parent, 4n), parentMultiplier(parent, 6n)]).toEqual([3n, 2n]);
  expect(nodeMultiplier(parent)).toBe(12n);
});
