import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import { recoveredAtMs } from "../../power/recovery.ts";
import { known } from "../../state/assert.ts";
import { cancel } from "../../testing/test-full-hub.ts";
import { cappedHub, explained, hourMs, spec } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { rampedHub } from "../../testing/test-ramped-hub.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { allBackAt } from "./all-back.ts";
import { planJob } from "./plan.ts";
import { explanationSentence } from "./sentence.ts";

const asked: Partial<JobSpec> = { nodeCount: 2, walltime: milliseconds(hourMs) };

/** Four jobs that run for days, unless told otherwise; a target that leaves too little for one more has been on for minutes. */
function curtailedHub(
  targetWatts = 28_000,
  running: readonly Partial<JobSpec>[] = [bending, bending, bending, bending],
  text: string = cappedHub(),
): MeteredHub {
  const hub = new MeteredHub(text);
  running.forEach((one) => hub.run(one));
  hub.beginAll();
  hub.playUntil(hub.nowMs + minuteMs);
  hub.curtail("evening", { target: watts(targetWatts), baseline: watts(30_000) });
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  return hub;
}

function recoveredMs(hub: MeteredHub): number {
  return recoveredAtMs(known(hub.site.curtailments[0], "curtailment"));
}

function runsBy(hub: MeteredHub, job: number, atMs: number): boolean {
  hub.playUntil(atMs);
  return hub.state.jobs.get(job)?.runningCount === 1;
}

test("who has room once a curtailment has given its watts back is told so, by plan too, beside the start that is kept", () => {
  const hub = curtailedHub();
  const atMs = recoveredMs(hub);
  const likelyStart = { atMs, curtailment: { id: "evening" } };
  expect(planJob(hub.state, defaultLimits, spec(asked), "aida")).toMatchObject({
    explanation: { likelyStart },
  });
  const job = hub.run(asked);
  const explanation = explained(hub, job);
  expect(explanation).toMatchObject({ reason: "power-curtailment", likelyStart });
  expect(explanation.reservedStartMs).toBeGreaterThan(atMs + hourMs);
  const time = (moment: number): string => (moment === atMs ? "dusk" : "later");
  expect(explanationSentence(explanation, { time })).toContain(
    'it likely starts by dusk, when curtailment "evening" has given its watts back; a start is kept for it at later for sure: ',
  );
  expect(runsBy(hub, job, atMs)).toBe(true);
});

test("the same while a curtailment that was cancelled gives its watts back", () => {
  const hub = curtailedHub();
  const job = hub.run(asked);
  cancel(hub);
  hub.playUntil(hub.nowMs + minuteMs);
  const atMs = recoveredMs(hub);
  expect(atMs - hub.nowMs).toBeLessThan(10 * minuteMs);
  expect(explained(hub, job).likelyStart?.atMs).toBe(atMs);
  expect(runsBy(hub, job, atMs)).toBe(true);
});

test("who has no room then, or is not the first in the queue, is told of no such start", () => {
  const hub = curtailedHub();
  hub.run(asked);
  expect(explained(hub, hub.run(asked)).likelyStart).toBeUndefined();
  const full = curtailedHub();
  // What runs draws that at full power.
  full.budget("for good", "hub", 31_000, [full.nowMs + hourMs]);
  expect(explained(full, full.run(asked)).likelyStart).toBeUndefined();
});

test.each([
  ["20 kW/min over 60 s", true],
  ["4 kW/min over 60 s", false],
])("under a ramp of %s what comes back and the job come within its window: %s", (ramp, isTold) => {
  const hub = curtailedHub(28_000, [bending, bending, bending, bending], rampedHub(ramp));
  const job = hub.run(asked);
  const { likelyStart } = explained(hub, job);
  expect(likelyStart?.atMs).toBe(isTold ? recoveredMs(hub) : undefined);
  if (likelyStart !== undefined) {
    expect(runsBy(hub, job, likelyStart.atMs)).toBe(true);
  }
});

test("a change with which it starts later than that is no help", () => {
  const ending = { ...bending, walltime: milliseconds(4 * hourMs) };
  const hub = curtailedHub(28_000, [bending, bending, bending, ending]);
  const { likelyStart, suggestion } = explained(hub, hub.run(asked));
  expect(likelyStart?.atMs).toBe(recoveredMs(hub));
  expect(suggestion).toBeUndefined();
});

test.each([
  ["caps", bending, 22_000],
  ["pauses", pausing, 18_000],
] as const)(
  "with everybody back nothing is saved any more by %s or nodes that sleep",
  (_, running, target) => {
    const hub = curtailedHub(target, [running, running, running, running]);
    const { paused } = hub.state.curtailments;
    const [now] = hub.site.horizons;
    expect(paused.size > 0).toBe(running === pausing);
    const then = allBackAt(hub.site, recoveredMs(hub), [...paused.values()]);
    const scale = known(hub.site.site.domains[0], "feed").loadScale;
    expect(known(now?.load[0], "load") / scale).toBeLessThan(29_800);
    // 1 kW fixed, eight nodes at 2 kW and 32 GPUs at 400 W.
    expect(known(then.load[0], "load") / scale).toBe(29_800);
  },
);
