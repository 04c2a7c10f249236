import { expect, test } from "vitest";
import { type FreeDraw, highestMinuteWatts } from "./highest-minute.ts";

const minutes = Array.from({ length: 60 }, (_, minute) => minute);

function highestOf(changes: Partial<FreeDraw>): number {
  return highestMinuteWatts({
    jobWatts: [1_000],
    countedWatts: 1_000,
    minuteWatts: [],
    aheadMinutes: 60,
    ...changes,
  });
}

/** The less was measured the more of what is usual of minutes stays on top. */
function expectNear(highest: number, watts: number): void {
  expect(highest).toBeGreaterThan(watts);
  expect(highest).toBeLessThan(watts + 8);
}

test("what stays as it is is expected to stay so", () => {
  expectNear(highestOf({ minuteWatts: minutes.map(() => 1_020) }), 1_020);
});

test("what grows is expected to grow on, what falls to stay", () => {
  const growing = minutes.map((minute) => 1_000 + 0.5 * minute);
  expectNear(highestOf({ minuteWatts: growing }), 1_060);
  expectNear(highestOf({ minuteWatts: growing.toReversed() }), 1_000);
});

test("the dip of a checkpoint, first or last, changes nothing", () => {
  for (const dipped of [
    [0, 1],
    [58, 59],
  ]) {
    const minuteWatts = minutes.map((minute) => (dipped.includes(minute) ? 400 : 1_020));
    expectNear(highestOf({ minuteWatts }), 1_020);
  }
});

test("noise comes on top, and hides a trend the more the shorter it was looked at", () => {
  const noisy = minutes.map((minute) => 1_000 + (minute % 2 === 0 ? 4 : -4));
  const long = highestOf({ minuteWatts: noisy });
  expect(long).toBeGreaterThan(1_006);
  expect(highestOf({ minuteWatts: noisy.slice(-10) })).toBeGreaterThan(long + 10);
  expect(highestOf({ minuteWatts: noisy, aheadMinutes: 10 })).toBeLessThan(long + 1);
});

test("few minutes that lie together by chance are no proof of a trend, nor that there is no noise", () => {
  const few = [1_004, 1_003, 1_002, 1_001, 1_000, 999];
  expect(highestOf({ minuteWatts: few })).toBeGreaterThan(1_020);
});

test("noise that stays for minutes is no trend, and its highest minutes come again", () => {
  const levels = [990, 1_012, 985, 1_015, 988, 1_006, 992, 1_004, 1_010, 985, 1_003, 990];
  const highest = highestOf({ minuteWatts: minutes.map((at) => levels[Math.floor(at / 5)] ?? 0) });
  expect(highest).toBeGreaterThan(1_015);
  expect(highest).toBeLessThan(1_040);
});

test("where nothing was measured curves may be wrong by their known spread, by less of independent jobs together", () => {
  const one = highestOf({});
  expect(one).toBeGreaterThan(1_040);
  expect(one).toBeLessThan(1_080);
  const many = highestOf({ jobWatts: Array.from({ length: 100 }, () => 10) });
  expect(many).toBeGreaterThan(1_028);
  expect(many).toBeLessThan(1_032);
});
