import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { defaultLimits } from "../../limits.ts";
import { planJob } from "./plan.ts";
import { explainJob } from "./explain.ts";
import { explanationSentence } from "./sentence.ts";
import { cappedHub, Hub, hourMs, spec } from "../../testing/test-hub.ts";

const minuteMs = 60_000;

/**
 * A hub where a job of two nodes runs for an hour, and 26 kW are left for ten, unless told otherwise, from now on or
 * after some time.
 */
function curtailedHub(
  mode: "emergency" | "planned",
  targetWatts = 26_000,
  { afterMs = 0, runsMs = hourMs } = {},
): Hub {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 2, walltime: milliseconds(runsMs), workloadClass: "straight" });
  const { reply } = hub.engine.execute({
    kind: "schedule-curtailment",
    at: instant(hub.nowMs),
    by: "olga",
    curtailment: {
      id: "grid-7",
      site: "hub",
      domain: "hub",
      mode,
      target: watts(targetWatts),
      baseline: watts(40_000),
      start: instant(hub.nowMs + afterMs),
      end: instant(hub.nowMs + afterMs + 10 * hourMs),
      ramp: milliseconds(0),
      reason: "grid",
      setBy: "olga",
      noticedAt: instant(hub.nowMs),
    },
  });
  expect(reply).toMatchObject({ kind: "done" });
  return hub;
}

test("a job that a curtailment keeps back is told which one, until when, and with what watts", () => {
  const hub = curtailedHub("planned");
  const job = hub.run({ nodeCount: 6, walltime: milliseconds(hourMs) });
  const explanation = known(explainJob(hub.state, job), "explanation");
  expect(explanation).toMatchObject({
    reason: "power-curtailment",
    place: { power: { ceilingWatts: 26_000, curtailment: { id: "grid-7" }, budget: undefined } },
  });
  const power = known(explanation.place?.power, "power");
  expect(power.freeWatts).toBeLessThan(power.neededWatts);
  expect(power.freeWatts).toBeLessThan(26_000);
  const time = (atMs: number): string => `+${(atMs - hub.nowMs) / hourMs} h`;
  expect(explanationSentence(explanation, { time })).toContain(
    'curtailment "grid-7" (26.0 kW until +10 h) binds',
  );
});

test("nothing earlier than the end of an emergency is given as its earliest start", () => {
  const hub = curtailedHub("emergency");
  const job = hub.run({ nodeCount: 6, walltime: milliseconds(hourMs) });
  const { startLowerBoundMs, startOptions } = known(explainJob(hub.state, job), "explanation");
  const endMs = hub.nowMs + 10 * hourMs;
  expect(startLowerBoundMs).toBeGreaterThanOrEqual(endMs);
  expect(startLowerBoundMs).toBeLessThanOrEqual(endMs + minuteMs);
  for (const option of startOptions) {
    expect(option.startMs).toBeGreaterThanOrEqual(endMs);
  }
});

test("who waits for a planned target is not told that it could start now", () => {
  const hub = curtailedHub("planned");
  // Capped or not: bounds have room, the target has not.
  const bending = { workloadClass: "straight", flexibilityTier: 50 } as const;
  const job = hub.submit({ nodeCount: 6, walltime: milliseconds(hourMs), ...bending });
  const { reason, startOptions } = known(explainJob(hub.state, job), "explanation");
  expect(reason).toBe("power-curtailment");
  for (const option of startOptions) {
    expect(option.startMs ?? Infinity).toBeGreaterThan(hub.state.nowMs);
  }
});

test("a start is promised for when a curtailment lets go", () => {
  const hub = curtailedHub("planned");
  const job = hub.run({ nodeCount: 6, walltime: milliseconds(hourMs) });
  const reservation = known(hub.state.sites.get("hub")?.pools[0]?.reservations[0], "promise");
  expect(reservation.job).toBe(job);
  expect(reservation.startAtMs).toBeGreaterThanOrEqual(hub.nowMs + 10 * hourMs);
  hub.wait(10 * hourMs + 2 * minuteMs);
  hub.place();
  expect(known(hub.state.jobs.get(job), "job").runningCount).toBe(1);
});

test.each([
  { targetWatts: 24_000, isFull: true },
  // What full power takes is free below it.
  { targetWatts: 26_000, isFull: false },
])(
  "a job under a cap is told the curtailment that it runs in, and whether that leaves no more, at $targetWatts W: $isFull",
  (one) => {
    const hub = curtailedHub("emergency", one.targetWatts);
    hub.report({ kind: "attempt-running", attempt: { job: 1, task: 0, attempt: 1 } });
    hub.setCap({ job: 1, task: 0, attempt: 1 }, 300, hub.nowMs + 2 * hourMs);
    const text = explanationSentence(known(explainJob(hub.state, 1), "explanation"), {
      time: String,
    });
    const runs = "runs with its GPUs capped to 300 W each, at about 75 % of full speed";
    const named = `curtailment "grid-7" (hub at ${one.targetWatts / 1_000}.0 kW until ${hub.nowMs + 10 * hourMs})`;
    expect(text).toContain(
      one.isFull
        ? `${runs}; ${named} leaves no more`
        : `${runs}; ${named} is in force, and no budget and no other one is in the way: `,
    );
    expect(text).toMatch(one.isFull ? /leaves no more$/ : / free, its caps rise as ramps/);
  },
);

test("where several domains have too little, those beside the one that is named are counted", () => {
  const hub = new Hub(cappedHub());
  for (const hall of ["hall-1", "hall-2"]) {
    hub.budget(hall, `hub/sub-1/${hall}`, 13_000, [hub.nowMs, hub.nowMs + hourMs]);
  }
  const job = hub.run({ nodeCount: 4, walltime: milliseconds(hourMs) });
  const explanation = known(explainJob(hub.state, job), "explanation");
  expect(explanation.place?.power).toMatchObject({ kind: "hall", alikeCount: 1 });
  expect(explanationSentence(explanation, { time: String })).toContain(
    ") binds, and 1 more hall has too little",
  );
});

test("who waits for a planned target, announced or in force, is told by when a start is possible", () => {
  for (const afterMs of [0, 8 * minuteMs]) {
    const hub = curtailedHub("planned", 26_000, { afterMs, runsMs: 20 * hourMs });
    const more = { nodeCount: 6, walltime: milliseconds(hourMs) };
    const first = hub.run(more);
    const second = hub.run(more);
    const endMs = hub.nowMs + afterMs + 10 * hourMs;
    for (const job of [first, second]) {
      const { reason, startOptions } = known(explainJob(hub.state, job), "explanation");
      expect(reason).toBe(afterMs === 0 ? "power-curtailment" : "future-window");
      // At full power, the only way that these run.
      expect(startOptions).toMatchObject([{ capWatts: 0, isEstimate: true }]);
      expect(startOptions[0]?.startMs).toBeGreaterThanOrEqual(endMs);
    }
    // What is kept comes no later than that, also when it was planned some time ago.
    hub.wait(5_000);
    const kept = known(explainJob(hub.state, first), "explanation");
    expect(kept.startOptions[0]?.startMs).toBe(kept.reservedStartMs);
    // For whom nothing is kept yet it stands in the sentence, too, and is after what is kept for the first.
    const explanation = known(explainJob(hub.state, second), "explanation");
    const startMs = known(explanation.startOptions[0]?.startMs, "start");
    expect(startMs).toBeGreaterThanOrEqual(endMs + hourMs);
    expect(explanationSentence(explanation, { time: (atMs) => `+${atMs - startMs} ms` })).toContain(
      " a start is possible by about +0 ms",
    );
  }
});

test("who would wait for a target that is announced is told the start that a submit is promised", () => {
  const hub = curtailedHub("planned", 26_000, { afterMs: 8 * minuteMs, runsMs: 20 * hourMs });
  const more = { nodeCount: 6, walltime: milliseconds(hourMs) };
  const planned = planJob(hub.state, defaultLimits, spec(more), "aida");
  const promised = known(planned.kind === "waits" ? planned.promised : undefined, "a promise");
  const job = hub.run(more);
  expect(promised.startAtMs).toBe(explainJob(hub.state, job)?.reservedStartMs);
});
