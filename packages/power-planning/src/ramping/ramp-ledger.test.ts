import { expect, test } from "vitest";
import {
  createRampLedger,
  nextStepAtMs,
  recordStep,
  roomAt,
  type RampStep,
} from "./ramp-ledger.ts";
import { type RampLimit, stepWattsMax } from "./ramp-limit.ts";
import { reportRamp } from "./ramp-report.ts";

const aMinute: RampLimit = { watts: 720, perMs: 60_000, windowMs: 60_000 };

test("a quiet domain may step by the limit at once, and then only when the mean allows", () => {
  const ledger = createRampLedger(aMinute);
  expect(roomAt(ledger, 0)).toEqual({ upWatts: 720, downWatts: 720 });
  recordStep(ledger, { atMs: 0, watts: 720, settleMs: 0, cause: "planned" });
  // A minute after the step the mean has risen by all of it: nothing may have come on top by then.
  expect(roomAt(ledger, 30_000).upWatts).toBeCloseTo(0, 6);
  expect(roomAt(ledger, 60_000).upWatts).toBeCloseTo(720, 6);
  expect(nextStepAtMs(ledger, { watts: 540, settleMs: 0 }, 0)).toBe(60_000);
  expect(nextStepAtMs(ledger, { watts: 721, settleMs: 0 }, 0)).toBeUndefined();
});

test("an end makes room for a start, at once and wholly", () => {
  const ledger = createRampLedger(aMinute);
  recordStep(ledger, { atMs: 0, watts: 720, settleMs: 0, cause: "planned" });
  recordStep(ledger, { atMs: 0, watts: -500, settleMs: 0, cause: "unplanned" });
  expect(roomAt(ledger, 0).upWatts).toBeCloseTo(500, 6);
});

test("a limit per second on means over ten seconds allows ten times its watts at once", () => {
  const limit: RampLimit = { watts: 100, perMs: 1000, windowMs: 10_000 };
  expect(stepWattsMax(limit)).toBeCloseTo(1000, 6);
  const ledger = createRampLedger(limit);
  recordStep(ledger, { atMs: 0, watts: 1000, settleMs: 0, cause: "planned" });
  expect(roomAt(ledger, 5000).upWatts).toBeCloseTo(0, 6);
  expect(roomAt(ledger, 10_000).upWatts).toBeCloseTo(1000, 6);
});

test("half a step leaves room for what the mean has not seen of it, before it as after it", () => {
  for (const atMs of [-30_000, 30_000]) {
    const ledger = createRampLedger(aMinute);
    recordStep(ledger, { atMs: 0, watts: 360, settleMs: 0, cause: "planned" });
    // 360 × ½ + 540 at the moment when the other one stands in the mean in full.
    expect(roomAt(ledger, atMs).upWatts).toBeCloseTo(540, 6);
  }
});

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`no mean of any second leaves the limit, however steps settle (seed ${seed})`, () => {
    const random = createRandom(seed);
    const limit: RampLimit = {
      watts: 720,
      perMs: random() < 0.5 ? 60_000 : 1000,
      windowMs: 1000 * Math.ceil(random() * 90),
    };
    const ledger = createRampLedger(limit);
    const real: RampStep[] = [];
    let atMs = 0;
    for (let count = 0; count < 200; count += 1) {
      atMs += Math.floor(random() * 20_000);
      const settleMs = random() < 0.3 ? 0 : 1000 * Math.floor(random() * 40);
      const { upWatts, downWatts } = roomAt(ledger, atMs, settleMs);
      const watts = (random() < 0.5 ? upWatts : -downWatts) * (random() < 0.3 ? 1 : random());
      recordStep(ledger, { atMs, watts, settleMs, cause: "planned" });
      // In parts, each at some moment of the settling.
      for (const part of [0.5, 0.3, 0.2]) {
        const lateMs = Math.floor(random() * (settleMs + 1));
        real.push({ atMs: atMs + lateMs, watts: watts * part, settleMs: 0, cause: "planned" });
      }
    }
    const report = reportRamp(limit, real);
    expect(report.overSecondCount).toBe(0);
    expect(Math.max(report.steepestUpWatts, report.steepestDownWatts)).toBeGreaterThan(360);
    // The same steps pass a limit that is a little lower.
    expect(reportRamp({ ...limit, watts: 300 }, real).overSecondCount).toBeGreaterThan(0);
  });
}

test("unplanned steps are counted and not blamed on the plan", () => {
  const report = reportRamp(aMinute, [
    { atMs: 0, watts: -600, settleMs: 0, cause: "planned" },
    { atMs: 10_000, watts: -600, settleMs: 0, cause: "unplanned" },
  ]);
  expect(report).toMatchObject({ plannedOverCount: 0, unplannedCount: 1, unplannedWatts: 600 });
  expect(report.overSecondCount).toBeGreaterThan(0);
  const late = reportRamp(aMinute, [
    { atMs: 0, watts: -600, settleMs: 0, cause: "unplanned" },
    { atMs: 10_000, watts: -600, settleMs: 0, cause: "planned" },
  ]);
  expect(late.plannedOverCount).toBe(1);
});

/** mulberry32 */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
