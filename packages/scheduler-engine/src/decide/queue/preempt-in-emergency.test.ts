import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import { assert, known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { attemptOf, bending, minuteMs, schedule } from "../../testing/test-full-hub.ts";

const long = { walltime: milliseconds(20 * hourMs) };
const checkpoint = { save: milliseconds(minuteMs), restore: milliseconds(minuteMs) };
const soft: Partial<JobSpec> = { ...long, preemptible: true, priorityClass: "low", checkpoint };
const urgent: Partial<JobSpec> = { ...long, priorityClass: "urgent" };

interface World {
  readonly hub: Hub;
  readonly capped: number;
  readonly victim: number;
}

/** All nodes work, two of them in part; of 38.6 kW an emergency leaves so many watts. */
function emergency(targetWatts: number): World {
  const hub = new Hub(cappedHub());
  const capped = hub.run({ ...bending, ...long, nodeCount: 6 });
  const rest = hub.run({ ...long, gpusPerNode: 2 });
  const victim = hub.run({ ...soft, gpusPerNode: 4 });
  for (const job of [capped, rest, victim]) {
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  }
  hub.wait(hourMs / 2);
  const window = { start: instant(hub.nowMs), end: instant(hub.nowMs + 3 * hourMs) };
  const reply = schedule(hub, { target: watts(targetWatts), ...window });
  expect(reply).toEqual({ kind: "done" });
  acknowledge(hub);
  return { hub, capped, victim };
}

function promisedMs(hub: Hub, job: number): number {
  const pools = [...hub.state.sites.values()].flatMap((site) => site.pools);
  const kept = pools.flatMap((pool) => pool.reservations).find((one) => one.job === job);
  return known(kept, "promised start").startAtMs;
}

function startedMs(hub: Hub, job: number): number | undefined {
  return activeAttempts(known(hub.state.jobs.get(job), "job"))[0]?.startedAtMs;
}

/** It saves its work and is gone a minute later, and everybody obeys. */
function leave(hub: Hub, job: number): void {
  assert(attemptOf(hub, job).phase === "stopping", "it was asked to stop");
  const attempt = { job, task: 0, attempt: 1 };
  const outcome = { kind: "failed", category: "preemption", exitCode: 143 } as const;
  hub.wait(minuteMs);
  hub.report({ kind: "checkpointed", attempt }, { kind: "attempt-exited", attempt, outcome });
  hub.wait(1_000);
  hub.report({ kind: "stop-confirmed", attempt, nodes: [] });
  acknowledge(hub);
  hub.place();
}

test("in an emergency caps do not rise into what somebody was stopped for", () => {
  const { hub, capped, victim } = emergency(38_000);
  const { capWatts } = attemptOf(hub, capped);
  assert(capWatts > 0, "the emergency caps it");
  const head = hub.run({ ...urgent, gpusPerNode: 4 });
  const promised = promisedMs(hub, head);
  leave(hub, victim);
  expect(startedMs(hub, head)).toBeLessThanOrEqual(promised);
  expect(attemptOf(hub, capped).capWatts).toBe(capWatts);
});

test("in an emergency nobody starts with what is left beside the watts that others are stopped for", () => {
  const { hub, victim } = emergency(39_400);
  const head = hub.run({ ...urgent, gpusPerNode: 6 });
  const promised = promisedMs(hub, head);
  const late = hub.run({ gpusPerNode: 2 });
  expect(startedMs(hub, late)).toBeUndefined();
  leave(hub, victim);
  expect(startedMs(hub, head)).toBeLessThanOrEqual(promised);
});
