import { instant, toNumber } from "@ertis/quantities";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRealTime, type TimeSources } from "./real-clock.ts";

/** A computer whose clocks the test holds; timers follow the monotonic one. */
class TestComputer implements TimeSources {
  #wallMs = 1_800_000_000_000;
  #monotonicMs = 5_000.25;

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  setWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  pass(ms: number): void {
    const stepMs = Math.min(ms, 60_000);
    for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
      const nowMs = Math.min(stepMs, leftMs);
      this.#wallMs += nowMs;
      this.#monotonicMs += nowMs;
      vi.advanceTimersByTime(nowMs);
    }
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("real time", () => {
  test("is the wall clock's, in whole milliseconds", () => {
    const computer = new TestComputer();
    const time = createRealTime(computer);
    expect(time.now()).toBe(1_800_000_000_000);
    computer.pass(1_500);
    expect(time.now()).toBe(1_800_000_001_500);
  });

  test("does not go back when the wall clock does, and goes on at its pace", () => {
    const computer = new TestComputer();
    const time = createRealTime(computer);
    computer.pass(10_000);
    const beforeMs = toNumber(time.now());
    computer.setWall(-3_600_000);
    expect(time.now()).toBe(beforeMs);
    computer.pass(1_000);
    expect(time.now()).toBe(beforeMs + 1_000);
  });

  test("follows a wall clock that jumps ahead, and wakes whoever is then due within a minute", () => {
    const computer = new TestComputer();
    const time = createRealTime(computer);
    const clock = time.clock();
    const woken: number[] = [];
    const startMs = toNumber(time.now());
    clock.wakeAt(instant(startMs + 8 * 3_600_000), () => woken.push(toNumber(time.now())));
    // The lid was closed for nine hours: the monotonic clock and its timers stood still.
    computer.setWall(9 * 3_600_000);
    computer.pass(60_000);
    expect(woken).toEqual([startMs + 9 * 3_600_000 + 60_000]);
  });

  test("reaches a moment thirty days away, which no single timer can", () => {
    const computer = new TestComputer();
    const time = createRealTime(computer);
    const clock = time.clock();
    const monthMs = 30 * 86_400_000;
    const dueMs = toNumber(time.now()) + monthMs;
    let wakeCount = 0;
    clock.wakeAt(instant(dueMs), () => {
      wakeCount += 1;
    });
    computer.pass(monthMs - 1);
    expect(wakeCount).toBe(0);
    computer.pass(1);
    expect(wakeCount).toBe(1);
    expect(time.now()).toBe(dueMs);
  });

  test("has one timer per clock: a new wish replaces the last, and none cancels it", () => {
    const computer = new TestComputer();
    const time = createRealTime(computer);
    const first = time.clock();
    const second = time.clock();
    const woken: string[] = [];
    const soon = instant(toNumber(time.now()) + 10);
    first.wakeAt(soon, () => woken.push("replaced"));
    first.wakeAt(soon, () => woken.push("first"));
    second.wakeAt(soon, () => woken.push("second"));
    const third = time.clock();
    third.wakeAt(soon, () => woken.push("cancelled"));
    third.wakeAt(undefined, () => {});
    computer.pass(10);
    expect(woken).toEqual(["first", "second"]);
  });

  test("with the computer's own clocks is close to Date", () => {
    const before = Date.now();
    const now = toNumber(createRealTime().now());
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now() + 1);
  });
});
