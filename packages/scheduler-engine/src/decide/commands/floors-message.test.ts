import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { floorsMessage } from "./floors-message.ts";

/** What is said of a target of 1 MW. */
function told(baseline: number, smallest: number): string {
  const asked = {
    id: "noon",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(1_000_000),
    baseline: watts(baseline),
    start: instant(60_000),
    end: instant(3_660_000),
    ramp: milliseconds(0),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(0),
  } as const;
  const infeasible = {
    kind: "infeasible",
    domain: "hub",
    smallest: watts(smallest),
    gains: [],
    enough: undefined,
    reserved: [],
    inTheWay: undefined,
    shedsBelow: watts(baseline),
    isAnyPossible: true,
    beside: [],
    isUntilSettled: false,
    isRough: false,
    areTiersRough: false,
  } as const;
  return floorsMessage(asked, infeasible, 0);
}

test("a smallest target below the baseline never reads as above it", () => {
  const near = told(1_384_000, 1_381_100);
  expect(near).toContain("of a baseline of 1384000 W");
  expect(near).toContain("keeps every floor is 1381100 W (0.2 % below the baseline)");
  const far = told(1_384_000, 1_301_100);
  expect(far).toContain("of a baseline of 1.38 MW");
  expect(far).toContain("keeps every floor is 1.31 MW (5.9 % below the baseline)");
});
