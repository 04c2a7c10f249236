import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import {
  attemptOf,
  bending,
  cancel,
  code,
  fullHub,
  minuteMs,
  schedule,
} from "../../testing/test-full-hub.ts";

test("where caps do not reach, jobs pause in turn and come back", () => {
  const hub = fullHub({ ...bending, capMin: watts(320) });
  schedule(hub, { target: watts(33_000), end: instant(startMs + 5 * hourMs) });
  acknowledge(hub);
  const { paused } = hub.state.curtailments;
  expect(paused.size).toBeGreaterThan(0);
  const first = [...paused.values()][0]?.job ?? 0;
  const stopped = { phase: "stopping", stopReason: "preemption", pausedFor: "evening" };
  expect(attemptOf(hub, first)).toMatchObject(stopped);
  hub.report({ kind: "checkpointed", attempt: { job: first, task: 0, attempt: 1 } });
  hub.finish(first, 0, 143);
  acknowledge(hub);
  hub.place();
  expect(known(hub.state.jobs.get(first), "job").runningCount).toBe(0);
  expect(hub.feedWatts()).toBeLessThanOrEqual(33_000);
  let isBack = false;
  for (let minute = 0; minute < 5 * 60 && !isBack; minute += 1) {
    hub.wait(minuteMs);
    for (const job of hub.state.jobs.after(0)) {
      for (const attempt of activeAttempts(job)) {
        if (attempt.phase === "stopping" && attempt.stopReason === "preemption") {
          const key = { job: attempt.job, task: 0, attempt: attempt.attempt };
          hub.report(
            { kind: "checkpointed", attempt: key },
            {
              kind: "attempt-exited",
              attempt: key,
              outcome: { kind: "failed", category: "application", exitCode: 143 },
            },
            { kind: "stop-confirmed", attempt: key, nodes: [] },
          );
        }
      }
    }
    acknowledge(hub);
    hub.place();
    expect(hub.feedWatts()).toBeLessThanOrEqual(33_000);
    isBack = known(hub.state.jobs.get(first), "job").attemptCount > 1;
  }
  expect(isBack).toBe(true);
});

test("after the end watts come back in ten equal steps, over the ramp", () => {
  const hub = fullHub();
  const ramp = milliseconds(10 * minuteMs);
  const [target, baseline] = [watts(32_000), watts(42_600)];
  schedule(hub, { target, baseline, ramp, end: instant(startMs + hourMs) });
  acknowledge(hub);
  hub.wait(hourMs - 1);
  expect(hub.feedWatts()).toBeLessThanOrEqual(32_000);
  hub.wait(1);
  for (let step = 1; step <= 10; step += 1) {
    hub.place();
    const ceiling = 32_000 + step * 1_060;
    expect(hub.feedWatts(), `step ${step}`).toBeLessThanOrEqual(ceiling);
    // What is given back is used: all 64 GPUs are alike, and a cap is whole watts.
    expect(hub.feedWatts(), `step ${step}`).toBeGreaterThan(ceiling - 64);
    hub.wait(minuteMs);
  }
  expect(hub.feedWatts()).toBe(42_600);
});

test("a cancelled one gives its watts back step by step, and its record says by whom", () => {
  const hub = fullHub();
  schedule(hub, { target: watts(32_000), baseline: watts(42_600) });
  acknowledge(hub);
  hub.wait(minuteMs);
  expect(code(cancel(hub))).toBe("done");
  // Without a ramp, too: a tenth of the way with every six seconds.
  const loads: number[] = [];
  for (let second = 0; second < 60; second += 3) {
    hub.place();
    loads.push(hub.feedWatts());
    hub.wait(3_000);
  }
  hub.place();
  expect(hub.feedWatts()).toBe(42_600);
  const steps = loads.slice(1).map((load, before) => load - (loads[before] ?? 0));
  expect(Math.max(...steps)).toBeLessThanOrEqual(0.21 * (42_600 - 32_000));
  expect(steps.filter((step) => step > 0).length).toBeGreaterThanOrEqual(5);
  expect(hub.state.curtailments.records.get("evening")?.cancelled).toMatchObject({ by: "olga" });
  expect(code(cancel(hub))).toBe("curtailment-over");
});

test("a planned one writes its checkpoints before it begins, and lets its jobs back after it", () => {
  const hub = fullHub({ ...bending, capMin: watts(320) });
  const start = instant(startMs + hourMs);
  const end = instant(startMs + 5 * hourMs);
  const planned = { mode: "planned", target: watts(33_000), start, end } as const;
  expect(code(schedule(hub, planned))).toBe("done");
  hub.wait(hourMs - 2 * minuteMs);
  expect(hub.state.curtailments.paused.size).toBe(0);
  hub.wait(minuteMs);
  const first = [...hub.state.curtailments.paused.values()][0]?.job ?? 0;
  const { id } = known([...hub.state.curtailments.records.values()][0], "record").curtailment;
  expect(attemptOf(hub, first).pausedFor).toBe(id);
  hub.report({ kind: "checkpointed", attempt: { job: first, task: 0, attempt: 1 } });
  hub.finish(first, 0, 143);
  hub.place();
  expect(known(hub.state.jobs.get(first), "job")).toMatchObject({
    pausedTasks: [0],
    runningCount: 0,
  });
  expect(code(cancel(hub))).toBe("done");
  hub.wait(minuteMs);
  hub.place();
  expect(known(hub.state.jobs.get(first), "job")).toMatchObject({
    pausedTasks: [],
    runningCount: 1,
  });
  // Whom it was paused for is told also afterwards.
  expect(known(hub.state.jobs.get(first), "job").history[0]?.pausedFor).toBe(id);
});

test("while a paused job is to come back, nobody else takes its watts", () => {
  const hub = fullHub({ ...bending, capMin: watts(320) });
  schedule(hub, { target: watts(33_000), end: instant(startMs + 5 * hourMs) });
  acknowledge(hub);
  const first = [...hub.state.curtailments.paused.values()][0]?.job ?? 0;
  hub.finish(first, 0, 143);
  const younger = hub.run({
    nodeCount: 1,
    priorityClass: "high",
    walltime: milliseconds(minuteMs),
  });
  expect(known(hub.state.jobs.get(younger), "job").runningCount).toBe(0);
});
