import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { rampedHub } from "../../testing/test-ramped-hub.ts";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import { SleepingHub } from "../../testing/test-sleeping-hub.ts";
import { explanationSentence } from "./sentence.ts";
import { defaultLimits } from "../../limits.ts";
import { planJob } from "./plan.ts";
import { known } from "../../state/assert.ts";
import { nodeAsleep } from "../../state/site-state.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import type { Explanation } from "./explanation.ts";
import { explained, hourMs, spec } from "../../testing/test-hub.ts";

/** Seven of its nodes sleep a minute before the end of a curtailment. */
function sleepingHub(): SleepingHub {
  const hub = new SleepingHub(rampedHub("4 kW/min over 60 s"), 0);
  hub.runOne();
  hub.schedule(hub.less(13_000));
  hub.pass(29 * 60);
  expect(hub.offCount).toBe(7);
  return hub;
}

test("who waits for nodes that sleep for a curtailment is told by when they let it start, and it does", () => {
  const hub = sleepingHub();
  const job = hub.submit({ nodeCount: 5, walltime: milliseconds(hourMs) });
  const explanation = explained(hub, job);
  expect(explanation).toMatchObject({ reason: "nodes-unavailable", startUnknown: "" });
  const startMs = known(explanation.startOptions[0]?.startMs, "start");
  expect(explanationSentence(explanation, { time: String })).toContain(
    `7 asleep for a curtailment; with nodes that wake after the curtailment a start is possible by about ${startMs}`,
  );
  hub.pass((startMs - hub.nowMs) / 1_000);
  expect(hub.state.jobs.get(job)?.runningCount).toBe(1);
});

test("where another curtailment keeps them off, that one is over by then, too", () => {
  const hub = sleepingHub();
  const night = hub.less(1_000, { id: "night", start: instant(hub.nowMs + 8 * 60_000) });
  hub.schedule(night);
  const job = hub.submit({ nodeCount: 5, walltime: milliseconds(hourMs) });
  const startMs = known(explained(hub, job).startOptions[0]?.startMs, "start");
  expect(startMs).toBeGreaterThan(Number(night.end));
});

interface Promised {
  readonly hub: MeteredHub;
  readonly beginMs: number;
  readonly endMs: number;
}

/** Four nodes run on after a curtailment for so long, the others sleep in it for a start that is promised on all of them. */
function promisedHub(runsOnMs: number): Promised {
  const hub = new MeteredHub();
  const [beginMs, endMs] = [hub.nowMs + hourMs / 2, hub.nowMs + 1.5 * hourMs];
  hub.run({ nodeCount: 4, walltime: milliseconds(endMs + runsOnMs - hub.nowMs) });
  const changes = { start: instant(beginMs), end: instant(endMs), ramp: milliseconds(0) };
  hub.curtail("noon", { ...changes, target: watts(22_000), baseline: watts(31_000) });
  hub.run({ nodeCount: 8, walltime: milliseconds(hourMs) });
  return { hub, beginMs, endMs };
}

function plannedWait(hub: MeteredHub, changes: Partial<JobSpec>): Explanation {
  const planned = planJob(hub.state, defaultLimits, spec(changes), "aida");
  return known(planned.kind === "waits" ? planned.explanation : undefined, "an explanation");
}

test("who needs nodes that sleep for another's promised start is told by when they are free again", () => {
  const { hub, beginMs } = promisedHub(3 * minuteMs);
  hub.playUntil(beginMs + minuteMs);
  const [kept] = hub.site.pools.flatMap((pool) => pool.reservations);
  const { holdsUntilMs } = known(kept, "what is kept for the first");
  const explanation = plannedWait(hub, { nodeCount: 4 });
  expect(explanation).toMatchObject({ reason: "nodes-unavailable", startUnknown: "" });
  expect(explanation.startOptions[0]?.startMs).toBeGreaterThanOrEqual(holdsUntilMs);
});

test("who is done before that start is told by when they wake, and starts by then", () => {
  const { hub, beginMs, endMs } = promisedHub(3 * hourMs);
  const brief = { nodeCount: 4, walltime: milliseconds(2 * hourMs) };
  hub.playUntil(beginMs + minuteMs);
  const startMs = known(plannedWait(hub, brief).startOptions[0]?.startMs, "start");
  expect(startMs).toBeLessThanOrEqual(endMs + 6 * minuteMs);
  const tooLong = { ...brief, walltime: milliseconds(3 * hourMs) };
  expect(plannedWait(hub, tooLong).startOptions[0]?.startMs).toBeGreaterThan(endMs + 3 * hourMs);
  const job = hub.submit(brief);
  expect(explained(hub, job).startOptions[0]?.startMs).toBe(startMs);
  hub.playUntil(startMs);
  expect(hub.state.jobs.get(job)?.runningCount).toBe(1);
});

test("who asks while they are still going off is told that moment, too", () => {
  const { hub, beginMs, endMs } = promisedHub(3 * hourMs);
  const brief = { nodeCount: 4, walltime: milliseconds(2 * hourMs) };
  const isGoingOff = (): boolean => hub.site.nodeFlags.includes(nodeAsleep);
  while (!isGoingOff() && hub.nowMs < beginMs) {
    hub.playUntil(hub.nowMs + hub.periodMs);
  }
  expect(isGoingOff()).toBe(true);
  expect(plannedWait(hub, brief).startOptions[0]?.startMs).toBeLessThanOrEqual(
    endMs + 6 * minuteMs,
  );
});

test("who may have another node by when they wake is told of that moment", () => {
  const hub = new MeteredHub();
  const [beginMs, endMs] = [hub.nowMs + hourMs / 2, hub.nowMs + 1.5 * hourMs];
  hub.run({ walltime: milliseconds(endMs - hub.nowMs) });
  hub.run({ nodeCount: 3, walltime: milliseconds(10 * hourMs) });
  const changes = { start: instant(beginMs), end: instant(endMs), ramp: milliseconds(0) };
  hub.curtail("noon", { ...changes, target: watts(22_000), baseline: watts(31_000) });
  hub.playUntil(beginMs + minuteMs);
  const explanation = plannedWait(hub, {});
  expect(explanation.reason).toBe("nodes-unavailable");
  const startMs = known(explanation.startOptions[0]?.startMs, "start");
  expect(startMs).toBeGreaterThan(endMs);
  expect(startMs).toBeLessThanOrEqual(endMs + 6 * minuteMs);
});
