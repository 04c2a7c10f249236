import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts, type Attempt } from "../../state/job.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { JobNumber } from "../../words/job-spec.ts";

function attemptOf(hub: Hub, job: JobNumber): Attempt {
  return known([...activeAttempts(known(hub.state.jobs.get(job), "job"))][0], "attempt");
}

function acknowledge(hub: Hub, number: JobNumber): void {
  const { job, task, attempt, capWatts, capOrder: order } = attemptOf(hub, number);
  hub.report({ kind: "cap-applied", attempt: { job, task, attempt }, nodes: [], capWatts, order });
}

/** As the runtime does: a tick when one is due, then a pass. */
function goOn(hub: Hub, untilMs: number): void {
  for (let next = hub.engine.nextTickAtMs(); next !== undefined && next <= untilMs;) {
    hub.wait(next - hub.nowMs);
    hub.place();
    next = hub.engine.nextTickAtMs();
  }
  hub.wait(untilMs - hub.nowMs);
  hub.place();
}

const bending = {
  flexibilityTier: 50,
  workloadClass: "straight",
  walltime: milliseconds(10 * hourMs),
} as const;

interface Squeeze {
  readonly hub: Hub;
  readonly prompt: JobNumber;
  readonly late: JobNumber;
  readonly waiting: JobNumber;
}

/** Two are lowered for a third that needs what both free; the node of one has answered. */
function halfAnswered(): Squeeze {
  const hub = new Hub(cappedHub());
  hub.budget("season", "hub", hub.feedWatts() + 2 * 3_200, [startMs]);
  const prompt = hub.run(bending);
  const late = hub.run(bending);
  const waiting = hub.run({
    ...bending,
    flexibilityTier: 25,
    walltime: milliseconds(5 * hourMs),
  });
  expect([prompt, late].every((one) => attemptOf(hub, one).capInForce !== undefined)).toBe(true);
  goOn(hub, startMs + 1_000);
  acknowledge(hub, prompt);
  hub.place();
  return { hub, prompt, late, waiting };
}

function runningCount(hub: Hub, job: JobNumber): number {
  return known(hub.state.jobs.get(job), "job").runningCount;
}

test("watts that one node has freed for a start wait for another that answers late, and are not given back meanwhile", () => {
  const { hub, prompt, late, waiting } = halfAnswered();
  const { capOrder } = attemptOf(hub, prompt);
  goOn(hub, startMs + 20_000);
  expect([attemptOf(hub, prompt).capOrder, runningCount(hub, waiting)]).toEqual([capOrder, 0]);
  acknowledge(hub, late);
  hub.place();
  expect(runningCount(hub, waiting)).toBe(1);
});

test("who does not answer holds nobody up for longer than half a minute", () => {
  const { hub, prompt, waiting } = halfAnswered();
  goOn(hub, startMs + 35_000);
  expect([attemptOf(hub, prompt).capWatts, runningCount(hub, waiting)]).toEqual([0, 0]);
});

test("a start that is promised for lowered caps comes, also where an emergency begins meanwhile below which they could rise again", () => {
  const { hub, prompt, late, waiting } = halfAnswered();
  const at = instant(hub.nowMs);
  const curtailment: Curtailment = {
    id: "hall",
    site: "hub",
    domain: "hub/sub-1/hall-1",
    mode: "emergency",
    target: watts(99_000),
    baseline: watts(0),
    start: at,
    end: instant(hub.nowMs + hourMs),
    ramp: milliseconds(0),
    reason: "grid",
    setBy: "olga",
    noticedAt: at,
  };
  const { reply } = hub.engine.execute({
    kind: "schedule-curtailment",
    at,
    by: "olga",
    curtailment,
  });
  expect(reply.kind).toBe("done");
  const { capOrder } = attemptOf(hub, prompt);
  goOn(hub, startMs + 5_000);
  acknowledge(hub, late);
  expect(attemptOf(hub, prompt).capOrder).toBe(capOrder);
  hub.place();
  expect(runningCount(hub, waiting)).toBe(1);
});
