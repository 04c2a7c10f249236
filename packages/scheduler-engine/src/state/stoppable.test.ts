import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { victimWorkMinMs } from "../limits.ts";
import { Hub, hourMs } from "../testing/test-hub.ts";
import { known } from "./assert.ts";
import type { Stoppable } from "./stoppable.ts";

const walltime = milliseconds(hourMs);

function run(hub: Hub, saveMs: number): number {
  const checkpoint = { save: milliseconds(saveMs), restore: milliseconds(0) };
  const job = hub.run({ preemptible: true, priorityClass: "low", walltime, checkpoint });
  hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  return job;
}

function stoppableOf(hub: Hub): Stoppable {
  const [found] = hub.state.stoppable.values();
  return known(found, "stoppable attempts");
}

function young(hub: Hub): readonly number[] {
  return [...stoppableOf(hub).young(hub.state.nowMs)].map(({ job }) => job.number);
}

function grouped(hub: Hub): ReadonlySet<number> {
  const groups = [...stoppableOf(hub).groups()];
  return new Set(groups.flatMap((group) => [...group].map(({ job }) => job.number)));
}

test("who is too young is told in order of age, and no more once old enough or gone", () => {
  const hub = new Hub();
  // The dearer its checkpoint, the longer it has to work first: five times as long.
  const late = run(hub, victimWorkMinMs / 2);
  const soon = run(hub, 0);
  hub.wait(1_000);
  const next = run(hub, 0);
  expect(young(hub)).toEqual([soon, next, late]);
  expect(grouped(hub)).toEqual(new Set([late, soon, next]));

  hub.wait(victimWorkMinMs - 500);
  expect(young(hub)).toEqual([next, late]);
  const attempt = { job: late, task: 0, attempt: 1 };
  hub.report(
    { kind: "attempt-exited", attempt, outcome: { kind: "succeeded" } },
    { kind: "stop-confirmed", attempt, nodes: [] },
  );
  hub.wait(1_000);
  const last = run(hub, 0);
  expect(young(hub)).toEqual([last]);
  expect(grouped(hub)).toEqual(new Set([soon, next, last]));
});
