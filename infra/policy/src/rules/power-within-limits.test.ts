import { expect, test } from "vitest";
import { kubernetesObject, resourceOf } from "../test-resources.ts";
import { smallFacts, smallPlan } from "../test-sites.ts";
import { rootType } from "../resource.ts";
import { powerWithinLimits } from "./power-within-limits.ts";

const stack = resourceOf(rootType, "inventory-small-s1-h1");

test("good: what is installed fits", () => {
  expect(powerWithinLimits.check(stack, smallFacts())).toEqual([]);
});

test("good: the hall that is not built yet fits beside the built one", () => {
  expect(powerWithinLimits.check(stack, smallFacts({ stack: "small-s1-h2" }))).toEqual([]);
});

test("good: it is said once, on the stack", () => {
  const facts = smallFacts({ plan: smallPlan("limit: 70 kW", "limit: 60 kW") });
  const host = kubernetesObject({ apiVersion: "metal3.io/v1alpha1", kind: "BareMetalHost" });
  expect(powerWithinLimits.check(host, facts)).toEqual([]);
});

test.each([
  // Six hosts of 10.2 kW and 2 kW of pumps and lights are 63.2 kW.
  { what: "a hall", limit: "70 kW", lower: "63 kW", load: "63.2 kW", hall: "small-s1-h1" },
  { what: "a row", limit: "30 kW", lower: "20 kW", load: "20.4 kW", hall: "small-s1-h1" },
  { what: "a rack", limit: "25 kW", lower: "20 kW", load: "20.4 kW", hall: "small-s1-h1" },
  // One hall fits: 1.25 × 63.2 kW + 1 kW are 80 kW. With the second they are 159 kW.
  { what: "a substation", limit: "250 kW", lower: "150 kW", load: "159 kW", hall: "small-s1-h2" },
  { what: "the feed", limit: "300 kW", lower: "150 kW", load: "159 kW", hall: "small-s1-h2" },
])("bad: $what", ({ limit, lower, load, hall }) => {
  const plan = smallPlan(`limit: ${limit}`, `limit: ${lower}`);
  const lines = plan.site.domains.map(({ source }) => `${source.file}:${source.line}`);
  const messages = powerWithinLimits.check(stack, smallFacts({ plan, stack: hall }));
  expect(messages).not.toEqual([]);
  expect(messages.join("\n")).toContain(load);
  expect(messages.every((message) => lines.some((line) => message.includes(line)))).toBe(true);
});

test("bad: a limit that holds with all supplies but not after one fails", () => {
  const redundant = "supplies: 2 × 35 kW\n    redundancy: N+1";
  const facts = smallFacts({ plan: smallPlan("limit: 70 kW", redundant) });
  expect(powerWithinLimits.check(stack, facts).join("\n")).toContain("after any single failure");
});
