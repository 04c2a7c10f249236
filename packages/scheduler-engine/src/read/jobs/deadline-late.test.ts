import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Hub, hourMs } from "../../testing/test-hub.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { getJob, getTask } from "./jobs.ts";

const hours = (count: number) => milliseconds(count * hourMs);

function dueIn(hub: Hub, hoursLeft: number, changes: Partial<JobSpec> = {}): Partial<JobSpec> {
  return { walltime: hours(2), deadline: instant(hub.nowMs + hoursLeft * hourMs), ...changes };
}

function lateHours(hub: Hub, job: number): number {
  return (getJob(hub.state, job)?.deadlineLateMs ?? Number.NaN) / hourMs;
}

test("who runs is late by the end of its walltime, and once it has ended by its end", () => {
  const hub = new Hub();
  const job = hub.run(dueIn(hub, 1));
  expect(lateHours(hub, job)).toBe(1);
  hub.wait(1.5 * hourMs);
  hub.finish(job);
  expect(lateHours(hub, job)).toBe(0.5);
});

test("who ends before its deadline was not late, however long it might have run", () => {
  const hub = new Hub();
  const job = hub.run(dueIn(hub, 1));
  hub.finish(job);
  expect(lateHours(hub, job)).toBe(0);
  expect(lateHours(hub, hub.run())).toBe(0);
});

test("who waits is late by the start kept for it, else at the earliest", () => {
  const hub = new Hub();
  const held = hub.submit(dueIn(hub, 1.5, { isHeld: true }));
  hub.run({ nodeCount: 8, walltime: hours(2) });
  const kept = hub.run(dueIn(hub, 3));
  // Its grace to stop is kept on top of the walltime of what runs.
  expect(lateHours(hub, kept)).toBeCloseTo(1, 1);
  expect(lateHours(hub, held)).toBe(0.5);
  expect(lateHours(hub, hub.submit(dueIn(hub, 2.5, { isHeld: true })))).toBe(0);
});

test("a task of an array is late by its own end", () => {
  const hub = new Hub();
  const job = hub.run(dueIn(hub, 1, { taskCount: 2 }));
  hub.finish(job, 0);
  expect([0, 1].map((task) => getTask(hub.state, job, task)?.deadlineLateMs)).toEqual([0, hourMs]);
});
