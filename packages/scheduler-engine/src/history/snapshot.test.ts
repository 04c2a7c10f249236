import { instant } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Engine } from "../engine.ts";
import { stopGraceMs } from "../limits.ts";
import { Hub, hourMs } from "../testing/test-hub.ts";
import { activeAttempts } from "../state/job.ts";
import { encodeSnapshot, SnapshotReader } from "./snapshot.ts";

function restored(hub: Hub): Engine {
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  return new Engine(hub.engine.limits, reader.finish());
}

test("what falls due is the same after a restart, also what was due and had to wait for its turn", () => {
  const hub = new Hub();
  const beginAt = instant(hub.nowMs + hourMs);
  // One tick rings 10,000 timers.
  const count = 10_500;
  for (let index = 0; index < count; index += 1) {
    hub.submit({ beginAt });
  }
  hub.wait(hourMs);
  const again = restored(hub);
  expect(again.nextTickAtMs()).toBe(hub.engine.nextTickAtMs());
  again.execute({ kind: "tick", at: instant(hub.nowMs) });
  const waiting = [...again.state.jobs.after(0)].filter((job) => !job.isReady);
  expect(waiting).toEqual([]);
});

test("walltimes, drains and budgets fall due as before", () => {
  const hub = new Hub();
  hub.run();
  hub.drain(3, hub.nowMs + 600_000, "wait");
  hub.budget("evening", "hub", 90_000, [hub.nowMs + 300_000, hub.nowMs + 900_000]);
  for (const ms of [0, 300_000, 300_000, 300_000, hourMs]) {
    hub.wait(ms);
    expect(restored(hub).nextTickAtMs()).toBe(hub.engine.nextTickAtMs());
  }
});

test("whose stop is overdue is so at once after a restart, and nobody else", () => {
  const hub = new Hub();
  const [silent, other] = [hub.run(), hub.run()];
  const exit = (job: number): void => {
    const attempt = { job, task: 0, attempt: 1 };
    hub.report({ kind: "attempt-exited", attempt, outcome: { kind: "succeeded" } });
  };
  exit(silent);
  hub.wait(stopGraceMs);
  exit(other);
  hub.wait(stopGraceMs);
  const overdue = [...restored(hub).state.jobs.after(0)]
    .flatMap((job) => activeAttempts(job))
    .filter((one) => one.isOverdue);
  expect(overdue.map((one) => one.job)).toEqual([silent]);
});
