import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import { cappedHub, hourMs, smallHub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { goneSince } from "./rest-gone.ts";

interface World {
  readonly hub: MeteredHub;
  readonly job: number;
  readonly record: CurtailmentRecord;
}

/** A job of four of eight GPUs of a node, and a curtailment for which idle nodes need not go off. */
function world(text: string = cappedHub()): World {
  const hub = new MeteredHub(text);
  const tier = { flexibilityTier: 50, workloadClass: "straight" } as const;
  const job = hub.run({ ...tier, gpusPerNode: 4, walltime: milliseconds(10 * hourMs) });
  const start = instant(hub.nowMs + 5 * minuteMs);
  expect(hub.curtail("noon", { start, target: watts(40_000) })).toEqual({ kind: "done" });
  hub.playUntil(hub.nowMs + minuteMs);
  return { hub, job, record: known(hub.state.curtailments.records.get("noon"), "record") };
}

/** What is gone of a domain that drew so much in the last ten seconds. */
function gone({ hub, record }: World, domainWatts: number): ReturnType<typeof goneSince> {
  const span = { fromMs: hub.nowMs - 10_000, atMs: hub.nowMs };
  return goneSince(hub.state, hub.site, record, { ...span, domainWatts, drawn: [] });
}

/** The job pauses, and its node is free. */
function pause({ hub, job }: World): void {
  const [attempt] = hub.attempts;
  hub.state.curtailments.paused.set(taskIdOf({ job, task: 0 }), {
    job,
    task: 0,
    site: "hub",
    nodes: known(attempt, "attempt").heldNodes,
    gpusPerNode: 4,
    fromMs: hub.nowMs,
    untilMs: hub.nowMs + hourMs,
    curtailment: "noon",
    isReturning: false,
    isShrinking: false,
  });
  hub.finish(job);
}

/** Idle and fixed. */
const besideWatts = 17_000;

test("a job that has paused draws no more what it drew above its idle node, as far as it is in the means", () => {
  const at = world();
  pause(at);
  // 4 × 380 W at most; none of it counted as the rest, as it is steered.
  expect(gone(at, besideWatts + 760)).toEqual({ goneWatts: 760, restGoneWatts: 0 });
  expect(gone(at, besideWatts + 5_000)).toEqual({ goneWatts: 1_520, restGoneWatts: 0 });
  expect(gone(at, besideWatts)).toEqual({ goneWatts: 0, restGoneWatts: 0 });
});

test("of who takes no caps, and so was part of the rest, all of it", () => {
  const at = world(smallHub());
  pause(at);
  expect(gone(at, besideWatts + 760)).toEqual({ goneWatts: 760, restGoneWatts: 1_520 });
});

test("who has ended by himself may be followed by others", () => {
  const at = world();
  at.hub.finish(at.job);
  expect(gone(at, besideWatts + 760)).toEqual({ goneWatts: 0, restGoneWatts: 0 });
});

test("a node that is off since some time was measured for a part of it", () => {
  const at = world();
  const { hub } = at;
  hub.report({ kind: "node-lost", node: 7 });
  hub.report({ kind: "node-powered-off", node: 7 });
  hub.nowMs += 7_500;
  expect(gone(at, besideWatts)).toEqual({ goneWatts: 500, restGoneWatts: 2_000 });
  hub.nowMs += 10_000;
  expect(gone(at, besideWatts)).toEqual({ goneWatts: 0, restGoneWatts: 0 });
});

test("a node that came back is not taken for a job that has paused", () => {
  const at = world();
  const { hub } = at;
  hub.report({ kind: "node-lost", node: 7 }, { kind: "node-powered-off", node: 7 });
  hub.playUntil(hub.nowMs + minuteMs);
  pause(at);
  hub.report({ kind: "node-ready", node: 7 });
  hub.nowMs += 7_500;
  // For three quarters of the time it drew its 2 kW.
  const before = besideWatts - 2_000;
  expect(gone(at, before + 1_500)).toEqual({ goneWatts: 0, restGoneWatts: 0 });
  expect(gone(at, before + 1_500 + 760)).toEqual({ goneWatts: 760, restGoneWatts: 0 });
});

test("nor is what nodes draw from then on that came back while was measured", () => {
  const { hub, record } = world();
  hub.report({ kind: "node-lost", node: 7 }, { kind: "node-powered-off", node: 7 });
  hub.playUntil(hub.nowMs + minuteMs);
  hub.nowMs += 5_000;
  hub.report({ kind: "node-ready", node: 7 });
  hub.playUntil(hub.nowMs + 10_000);
  // It was off for a third of the time.
  expect(record.steered?.besideWatts).toBeCloseTo(besideWatts + 2_000 / 3);
});
