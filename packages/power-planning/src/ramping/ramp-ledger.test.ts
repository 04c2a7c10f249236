import { expect, test } from "vitest";
import {
  createRampLedger,
  nextStepAtMs,
  recordJoined,
  recordStep,
  roomAt,
  type RampStep,
  withdrawStep,
} from "./ramp-ledger.ts";
import { type RampLimit, stepWattsMax } from "./ramp-limit.ts";
import { reportRamp } from "../testing/ramp-report.ts";

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

test("a rise and a fall of one moment make room for each other only where both are made at once", () => {
  for (const [settleMs, downWatts] of [
    [0, 720],
    [30_000, 470],
  ] as const) {
    const ledger = createRampLedger(aMinute);
    recordStep(ledger, { atMs: 0, watts: 500, settleMs, cause: "planned" });
    recordStep(ledger, { atMs: 0, watts: -500, settleMs, cause: "planned" });
    // The rise may be drawn at the beginning and the fall at the end: then half of it stands alone.
    expect(roomAt(ledger, 30_000).downWatts).toBeCloseTo(downWatts, 6);
  }
});

test("what is withdrawn leaves the ledger as it was, also as a part of what had joined", () => {
  const ledger = createRampLedger(aMinute);
  const step = { atMs: 0, watts: -300, settleMs: 2000, cause: "planned" } as const;
  recordStep(ledger, step);
  recordStep(ledger, { ...step, watts: 200 });
  const before = [...ledger.steps];
  recordStep(ledger, { ...step, watts: -0.5 });
  recordStep(ledger, { ...step, atMs: 500 });
  withdrawStep(ledger, { ...step, atMs: 500 });
  withdrawStep(ledger, { ...step, watts: -0.5 });
  expect(ledger.steps).toEqual(before);
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

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`many steps told as few allow no more than each by itself, and hardly less (seed ${seed})`, () => {
    const random = createRandom(seed);
    const windowMs = 1000 * Math.ceil(random() * 900);
    const limit: RampLimit = { watts: 1_000_000, perMs: 60_000, windowMs };
    const exact = createRampLedger(limit);
    const joined = createRampLedger(limit);
    let [exactWatts, joinedWatts] = [0, 0];
    for (let atMs = 0; atMs < 2 * (windowMs + 60_000); atMs += Math.ceil(random() * 2000)) {
      const settleMs = random() < 0.5 ? 0 : 1000 * Math.floor(random() * 30);
      const watts = (random() - 0.5) * 20_000;
      const cause = random() < 0.8 ? "planned" : "unplanned";
      recordStep(exact, { atMs, watts, settleMs, cause });
      recordJoined(joined, { atMs, watts, settleMs, cause });
      if (random() < 0.95) {
        continue;
      }
      const laterMs = atMs + Math.floor(random() * 30_000);
      const most = roomAt(exact, laterMs, settleMs);
      const room = roomAt(joined, laterMs, settleMs);
      expect(room.upWatts).toBeLessThanOrEqual(most.upWatts + 1e-3);
      expect(room.downWatts).toBeLessThanOrEqual(most.downWatts + 1e-3);
      exactWatts += most.upWatts + most.downWatts;
      joinedWatts += room.upWatts + room.downWatts;
    }
    expect(joinedWatts).toBeGreaterThan(0.8 * exactWatts);
    const sum = (ledger: typeof joined): number =>
      ledger.steps.reduce((total, { watts }) => total + watts, 0);
    expect(sum(joined)).toBeCloseTo(sum(exact), 3);
    expect(joined.steps.map(({ atMs }) => atMs)).toEqual(
      joined.steps.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
    );
  });
}

test("a step every second over an hour leaves a small ledger, and the next moment is found", () => {
  const limit: RampLimit = { watts: 6_000_000, perMs: 60_000, windowMs: 3_600_000 };
  const ledger = createRampLedger(limit);
  const seconds = 3660;
  for (let second = 0; second < seconds; second += 1) {
    const watts = (second % 2 === 0 ? 1 : -1) * 200_000;
    recordJoined(ledger, { atMs: second * 1000, watts, settleMs: 0, cause: "planned" });
  }
  expect(ledger.steps.length).toBeLessThanOrEqual(2 * 63);
  const everyMs = limit.windowMs / 120;
  const step = { watts: stepWattsMax(limit), settleMs: 30_000 };
  const atMs = nextStepAtMs(ledger, step, seconds * 1000) ?? Infinity;
  expect((atMs - seconds * 1000) % everyMs).toBe(0);
  expect(roomAt(ledger, atMs, step.settleMs).upWatts).toBeGreaterThan(step.watts * (1 - 1e-9));
  expect(roomAt(ledger, atMs - everyMs, step.settleMs).upWatts).toBeLessThan(step.watts);
});

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
