import { expect, test } from "vitest";
import { countOf } from "./count-of.ts";

test("one is one", () => {
  expect([0, 1, 2].map((count) => countOf(count, "stack"))).toEqual([
    "0 stacks",
    "1 stack",
    "2 stacks",
  ]);
  expect(countOf(2, "leftover process")).toBe("2 leftover processes");
});
