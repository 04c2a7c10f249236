import { expect, test } from "vitest";
import { resourceOf } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { stackSize } from "./stack-size.ts";

const resources = Array.from({ length: 1_501 }, (_, index) =>
  resourceOf("kubernetes:core/v1:ConfigMap", `c${index}`),
);

test("good: 1,500 resources", () => {
  expect(stackSize.check(resources.slice(1), smallFacts())).toEqual([]);
});

test("bad: one more", () => {
  expect(stackSize.check(resources, smallFacts())).toEqual([
    expect.stringContaining("has 1501 resources, allowed are 1500"),
  ]);
});
