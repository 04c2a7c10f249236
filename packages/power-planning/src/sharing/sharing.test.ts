import { expect, test } from "vitest";
import { type AccountClaim, checkAccounts } from "./check-accounts.ts";
import { decayedShare, decayedSumMs } from "./decay.ts";
import { guaranteeShare, isBorrowed, isWithinGuarantee, quotaExcess } from "./quota.ts";
import { costMs, type Holding, noUsage, usageAt } from "./usage.ts";

const dayMs = 86_400_000;

/** What no cap has changed since its start. */
function holding(gpuCount: number, watts: number): Holding {
  return { gpuCount, reservedWatts: watts, admittedWatts: watts };
}

test("a half is left after a half-life, and little after many", () => {
  expect(decayedShare(0, dayMs)).toBe(1);
  expect(decayedShare(dayMs, dayMs)).toBe(0.5);
  expect(decayedShare(3 * dayMs, dayMs)).toBe(0.125);
  expect(decayedShare(dayMs / 2, dayMs)).toBeCloseTo(Math.SQRT1_2, 11);
  expect(decayedShare(123_456_789, dayMs)).toBeCloseTo(2 ** (-123_456_789 / dayMs), 11);
  expect(decayedShare(2000 * dayMs, dayMs)).toBe(0);
});

test("steady use comes to rest at its rate × half-life ÷ ln 2, however it is cut into pieces", () => {
  expect(decayedSumMs(decayedShare(60 * dayMs, dayMs), dayMs)).toBeCloseTo(dayMs / Math.LN2, 0);
  const held = holding(8, 5000);
  const whole = usageAt(noUsage, held, 10 * dayMs, dayMs);
  let pieces = noUsage;
  for (const at of [0.3, 1.7, 4, 4.0001, 9]) {
    pieces = usageAt(pieces, held, at * dayMs, dayMs);
  }
  pieces = usageAt(pieces, held, 10 * dayMs, dayMs);
  expect(pieces.gpuTimeMs / whole.gpuTimeMs).toBeCloseTo(1, 9);
  expect(pieces.reservedMilliJoules / whole.reservedMilliJoules).toBeCloseTo(1, 9);
});

test("the larger part counts: few GPUs with many watts reserved cost as much as many with few", () => {
  const whole = { gpuCount: 100, watts: 100_000 };
  const rule = { weight: 1, aheadMs: 0 };
  const greedy = usageAt(noUsage, holding(10, 20_000), 1000, dayMs);
  const modest = usageAt(noUsage, holding(20, 10_000), 1000, dayMs);
  const none = holding(0, 0);
  expect(costMs(greedy, none, whole, rule)).toBeCloseTo(costMs(modest, none, whole, rule), 9);
  expect(costMs(greedy, none, whole, { ...rule, weight: 2 })).toBeCloseTo(100, 3);
});

test("a quota binds by GPUs and by watts; what is guaranteed and what is borrowed are told apart", () => {
  const quota = {
    guaranteed: { gpuCount: 8, watts: 5000 },
    most: { gpuCount: 16, watts: Infinity },
  };
  const one = holding(8, 5000);
  const two = holding(16, 10_000);
  const none = holding(0, 0);
  expect(quotaExcess(one, one, quota)).toBeUndefined();
  expect(quotaExcess(two, one, quota)).toEqual({
    resource: "gpus",
    held: 16,
    needed: 8,
    most: 16,
  });
  expect(isWithinGuarantee(none, one, quota)).toBe(true);
  expect(isWithinGuarantee(one, one, quota)).toBe(false);
  expect(isBorrowed(two, one, quota)).toBe(true);
  expect(isBorrowed(one, one, quota)).toBe(false);
  expect(isBorrowed(one, one, undefined)).toBe(true);
  // Lowered caps make no room for more, and raised ones leave nobody to be stopped for it.
  const lowered = { ...one, reservedWatts: 3000 };
  expect(isWithinGuarantee(lowered, holding(0, 1000), quota)).toBe(false);
  const bound = { ...quota, most: { gpuCount: 16, watts: 6000 } };
  expect(quotaExcess(lowered, holding(1, 1500), bound)).toMatchObject({ held: 5000 });
  const raised = { ...one, reservedWatts: 9000 };
  expect(isWithinGuarantee(raised, holding(0, 1000), quota)).toBe(false);
  expect(isBorrowed(raised, holding(4, 2500), quota)).toBe(false);
  expect(guaranteeShare(holding(4, 1000), quota)).toBe(0.5);
  expect(guaranteeShare(one, quota)).toBeUndefined();
});

test("accounts that contradict themselves or the sites are found", () => {
  const sites = { gpuCount: 64, watts: 64_000 };
  const most = { gpuCount: Infinity, watts: Infinity };
  const claim = (id: string, gpuCount = 0, watts = gpuCount * 100): AccountClaim => ({
    id,
    guaranteed: { gpuCount, watts },
    most,
  });
  const check = (...accounts: readonly AccountClaim[]): unknown =>
    checkAccounts(accounts, { forJobs: sites, whole: sites });
  expect(check(claim("kaz", 32), claim("kaz/llm", 32), claim("kaz/llm/aida"))).toBeUndefined();
  expect(check(claim("a"), claim("a"))).toMatchObject({ kind: "twice" });
  expect(check(claim("a"), claim("b"), claim("a/x"), claim("b/x"))).toEqual({
    kind: "twice",
    id: "b/x",
    other: "a/x",
  });
  expect(check(claim("a/x"))).toEqual({ kind: "no-parent", id: "a/x", parent: "a" });
  expect(check(claim("a/b/c/d"))).toMatchObject({ kind: "bad-name" });
  expect(check(claim("a//b"))).toMatchObject({ kind: "bad-name" });
  expect(check(claim("a", 40), claim("b", 40))).toEqual({
    kind: "too-much",
    id: "",
    resource: "GPUs",
    sum: 80,
    most: 64,
  });
  expect(check(claim("a", 8, 8000), claim("a/x", 8, 9000))).toMatchObject({
    id: "a",
    resource: "watts",
  });
  const bounded = (gpuCount: number, watts: number): AccountClaim => {
    return { ...claim("a"), most: { gpuCount, watts } };
  };
  expect(check(bounded(64, 64_000))).toBeUndefined();
  expect(check(bounded(65, 1))).toMatchObject({ kind: "no-bound", resource: "GPUs", may: 65 });
  expect(check(bounded(1, 64_001))).toMatchObject({ kind: "no-bound", resource: "watts" });
  expect(check(claim("a", 8, 0))).toMatchObject({ kind: "half-guarantee", lacks: "watts" });
  expect(check(claim("a", 0, 8))).toMatchObject({ kind: "half-guarantee", lacks: "GPUs" });
});
