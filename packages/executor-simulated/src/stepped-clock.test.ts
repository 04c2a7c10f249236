import { instant, toNumber } from "@ertis/quantities";
import type { Observation } from "@ertis/scheduler-engine";
import { describe, expect, test } from "vitest";
import { createSimulatedCluster } from "./cluster/create-cluster.ts";
import { createInProcessExecutor, type InProcessExecutor } from "./in-process-executor.ts";
import { createSteppedClock, settleAll, type SteppedClock } from "./stepped-clock.ts";
import { change, startMs, testSite, wish } from "./test-site.ts";

const nothingToSettle = async (): Promise<void> => {};

describe("the stepped clock", () => {
  test("fires timers in the order of time, then of owners, each at its own time", async () => {
    const time = createSteppedClock({ startAt: instant(100), settle: nothingToSettle });
    const fired: string[] = [];
    const arm = (owner: string, atMs: number): void => {
      const clock = time.clock(owner);
      clock.wakeAt(instant(atMs), () => fired.push(`${owner}@${toNumber(clock.now())}`));
    };
    arm("a", 300);
    arm("b", 200);
    arm("c", 300);
    arm("late", 999);
    expect(time.nextDueAt()).toBe(200);
    await time.advanceTo(instant(500));
    expect(fired).toEqual(["b@200", "a@300", "c@300"]);
    expect(time.now()).toBe(500);
    expect(time.nextDueAt()).toBe(999);
  });

  test("a new wish replaces the last one, and none cancels it", async () => {
    const time = createSteppedClock({ startAt: instant(0), settle: nothingToSettle });
    const clock = time.clock("owner");
    const fired: number[] = [];
    clock.wakeAt(instant(10), () => fired.push(10));
    clock.wakeAt(instant(20), () => fired.push(20));
    await time.advanceTo(instant(15));
    expect(fired).toEqual([]);
    clock.wakeAt(undefined, () => {});
    await time.advanceTo(instant(30));
    expect(fired).toEqual([]);
  });

  test("a moment already past means now, and needs no driver", async () => {
    const time = createSteppedClock({ startAt: instant(30), settle: nothingToSettle });
    const fired: string[] = [];
    const clock = time.clock("owner");
    clock.wakeAt(instant(1), () => fired.push("replaced"));
    clock.wakeAt(instant(1), () => fired.push(`now is ${toNumber(time.now())}`));
    const other = time.clock("other");
    other.wakeAt(instant(30), () => fired.push("cancelled"));
    other.wakeAt(undefined, () => {});
    expect(fired).toEqual([]);
    await Promise.resolve();
    expect(fired).toEqual(["now is 30"]);
  });

  test("an owner may wait for its own timer of this moment before it is quiet", async () => {
    const log: string[] = [];
    let done: Promise<void> = Promise.resolve();
    const time = createSteppedClock({
      startAt: instant(0),
      settle: settleAll([], { quiet: async () => done }),
    });
    const clock = time.clock("scheduler");
    clock.wakeAt(instant(10), () => {
      done = new Promise((resolve) => {
        clock.wakeAt(clock.now(), () => {
          log.push(`placed at ${toNumber(clock.now())}`);
          resolve();
        });
      });
    });
    await time.advanceTo(instant(20));
    expect(log).toEqual(["placed at 10"]);
  });

  test("waits after each timer until all is quiet, also for what the timer set off", async () => {
    const log: string[] = [];
    let pendingWork: Promise<void> | undefined;
    const time = createSteppedClock({
      startAt: instant(0),
      settle: async () => {
        await pendingWork;
      },
    });
    const clock = time.clock("worker");
    const step = (left: number): void => {
      pendingWork = (async () => {
        await Promise.resolve();
        log.push(`work done at ${toNumber(time.now())}`);
        if (left > 0) {
          clock.wakeAt(instant(toNumber(time.now()) + 10), () => step(left - 1));
        }
      })();
    };
    clock.wakeAt(instant(10), () => step(2));
    await time.advanceTo(instant(1_000));
    expect(log).toEqual(["work done at 10", "work done at 20", "work done at 30"]);
  });

  test("refuses to go back, to be moved by two drivers, and an owner that never lets go", async () => {
    const time = createSteppedClock({ startAt: instant(10), settle: nothingToSettle });
    await expect(time.advanceTo(instant(9))).rejects.toThrow(/never goes back/);
    const first = time.advanceTo(instant(20));
    await expect(time.advanceTo(instant(21))).rejects.toThrow(/already being advanced/);
    await first;
    const clock = time.clock("restless");
    expect(() => time.clock("restless")).toThrow(/already taken/);
    const again = (): void => clock.wakeAt(clock.now(), again);
    again();
    await expect(time.advanceTo(instant(20))).rejects.toThrow(/"restless"/);
  });
});

/** A scheduler that takes reports in slowly, over a few microtasks, as a durable log does. */
function harness(): {
  readonly time: SteppedClock;
  readonly executor: InProcessExecutor;
  readonly taken: { readonly atMs: number; readonly observation: Observation }[];
} {
  const cluster = createSimulatedCluster({ site: testSite, seed: 11, startMs });
  const parts: InProcessExecutor[] = [];
  const time = createSteppedClock({ startAt: instant(startMs), settle: settleAll(parts) });
  const executor = createInProcessExecutor({ cluster, clock: time.clock("executor:test-site") });
  parts.push(executor);
  const taken: { atMs: number; observation: Observation }[] = [];
  executor.start(async (observations) => {
    for (let turn = 0; turn < 10; turn += 1) {
      await Promise.resolve();
    }
    taken.push(...observations.map((observation) => ({ atMs: toNumber(time.now()), observation })));
  });
  return { time, executor, taken };
}

describe("the in-process executor on virtual time", () => {
  test("each report is taken in at the moment it happened", async () => {
    const { time, executor, taken } = harness();
    executor.realize(change(1, [wish({ job: 1, environment: { ERTIS_SIM_RUNTIME_MS: "5000" } })]));
    await time.advanceTo(instant(startMs));
    const runsAtMs = toNumber(time.nextDueAt() ?? instant(0));
    await time.advanceTo(instant(startMs + 3_600_000));
    expect(taken.map((each) => [each.observation.kind, each.atMs])).toEqual([
      ["attempt-running", runsAtMs],
      ["attempt-exited", runsAtMs + 5_000],
      ["stop-confirmed", runsAtMs + 5_000],
    ]);
    expect(executor.isQuiet()).toBe(true);
    await executor.close();
    expect(time.nextDueAt()).toBeUndefined();
  });

  test("what was refused or not taken in is handed over again, also to the next executor", async () => {
    const cluster = createSimulatedCluster({ site: testSite, seed: 11, startMs });
    const parts: InProcessExecutor[] = [];
    const time = createSteppedClock({ startAt: instant(startMs), settle: settleAll(parts) });
    const first = createInProcessExecutor({ cluster, clock: time.clock("first") });
    parts.push(first);
    let refusals = 0;
    first.start(async () => {
      refusals += 1;
      return Promise.reject(new Error("the log is gone"));
    });
    first.realize(change(1, [wish({ job: 1, environment: { ERTIS_SIM_RUNTIME_MS: "5000" } })]));
    await time.advanceTo(instant(startMs + 60_000));
    expect(refusals).toBeGreaterThan(2);
    await first.close();

    const second = createInProcessExecutor({ cluster, clock: time.clock("second") });
    parts.push(second);
    const taken: string[] = [];
    second.start(async (observations) => {
      taken.push(...observations.map((each) => each.kind));
      return Promise.resolve();
    });
    await time.advanceTo(instant(startMs + 60_000));
    expect(taken).toEqual(["attempt-running", "attempt-exited", "stop-confirmed"]);
    expect(cluster.startsPerAttemptMax).toBe(1);
    await second.close();
  });
});
