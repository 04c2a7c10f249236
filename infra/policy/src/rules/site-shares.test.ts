import { watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { resourceOf } from "../test-resources.ts";
import { smallFacts, smallPlan } from "../test-sites.ts";
import { rootType } from "../resource.ts";
import { siteShares } from "./site-shares.ts";

const stack = resourceOf(rootType, "queues-small-s1-h1");

test.each(["small-s1-h1", "small-s1-h2"])("good: the split as %s sees it", (name) => {
  expect(siteShares.check(stack, smallFacts({ stack: name }))).toEqual([]);
});

test("bad: a split that counted on losses the site does not have", () => {
  const plan = smallPlan();
  const { site } = plan;
  // The split goes by the multipliers, the check by the load factors. They agree in every site file.
  const domains = site.domains.map((domain) =>
    domain.kind === "substation"
      ? { ...domain, loadFactor: { numerator: 3, denominator: 1 }, usableWatts: watts(100_000) }
      : domain,
  );
  const facts = smallFacts({ plan: { ...plan, site: { ...site, domains } } });
  const [message, ...others] = siteShares.check(stack, facts);
  expect(message).toContain("The halls below small/substation-1 may add");
  expect(message).toMatch(/infra\/sites\/small\.yaml:\d+/);
  expect(others).toEqual([]);
});
