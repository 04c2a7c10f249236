import fc from "fast-check";
import { expect, it } from "vitest";
import { milliseconds } from "@ertis/quantities";
import { activeAttempts } from "../../state/job.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { explainJob } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import { getJob } from "../jobs/jobs.ts";
import { planJob } from "./plan.ts";
import { Hub, hourMs, smallHub, spec, startMs } from "../../testing/test-hub.ts";

const quarterMs = hourMs / 4;

const gangUpTo = (nodeCountMax: number) =>
  fc.record({
    nodeCount: fc.integer({ min: 1, max: nodeCountMax }),
    gpusPerNode: fc.integer({ min: 1, max: 8 }),
    quarters: fc.integer({ min: 1, max: 20 }),
  });

const window = fc.record({
  domain: fc.constantFrom("hub", "hub/sub-1", "hub/sub-1/hall-1", "hub/sub-1/hall-2/row-1/rack-1"),
  watts: fc.integer({ min: 4000, max: 90_000 }),
  from: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 })),
  length: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
});

const situation = fc.record({
  running: fc.array(gangUpTo(3), { maxLength: 14 }),
  windows: fc.array(window, { maxLength: 3 }),
  hallLimitKw: fc.integer({ min: 28, max: 60 }),
  cordoned: fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { maxLength: 2 }),
  job: gangUpTo(6),
});

type Gang = ReturnType<typeof gangUpTo> extends fc.Arbitrary<infer T> ? T : never;
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

function specOf({ nodeCount, gpusPerNode, quarters }: Gang): JobSpec {
  return spec({ nodeCount, gpusPerNode, walltime: milliseconds(quarters * quarterMs) });
}

/** What fits runs, the others wait in line. */
function arrange({ running, windows, hallLimitKw, cordoned }: Situation): Hub {
  const hub = new Hub(smallHub(hallLimitKw));
  for (const one of running) {
    trySubmit(hub, one);
  }
  hub.place();
  windows.forEach(({ domain, watts, from, length }, index) => {
    const fromMs = startMs + from * quarterMs;
    const until: [number, number?] =
      length === undefined ? [fromMs] : [fromMs, fromMs + length * quarterMs];
    hub.budget(`b${index}`, domain, watts, until);
  });
  if (cordoned.length > 0) {
    hub.cordon(...cordoned);
  }
  while (hub.engine.needsPass) {
    hub.place();
  }
  return hub;
}

/** Gangs that are too large for the limits are refused at the door. */
function trySubmit(hub: Hub, one: Gang): number | undefined {
  try {
    return hub.submit(specOf(one));
  } catch {
    return undefined;
  }
}

function cancelWaiting(hub: Hub): void {
  const waiting = [...hub.state.jobs.after(0)].filter((one) => one.active === undefined);
  hub.change(
    "cancel-jobs",
    waiting.map((one) => one.number),
  );
  hub.place();
}

function isStarted(hub: Hub, job: number): boolean {
  return (hub.state.jobs.get(job)?.runningCount ?? 0) > 0;
}

/** Every walltime is used to its end; the moment at which the job starts, if it does. */
function startOf(hub: Hub, job: number): number | undefined {
  for (let quarter = 0; quarter <= 60; quarter += 1) {
    if (quarter > 0) {
      hub.nowMs = startMs + quarter * quarterMs;
      for (const one of hub.state.jobs.after(0)) {
        if (activeAttempts(one).some((attempt) => attempt.endsByMs <= hub.nowMs)) {
          hub.finish(one.number);
        }
      }
      hub.wait(0);
    }
    hub.place();
    hub.place();
    if (isStarted(hub, job)) {
      return hub.nowMs;
    }
  }
  return undefined;
}

function explained(hub: Hub, job: number): Explanation | undefined {
  const before = hub.ledger();
  const explanation = explainJob(hub.state, job);
  expect(hub.ledger()).toBe(before);
  return explanation;
}

it("says next-pass exactly when the next pass starts the job, and never bounds a start from above", () => {
  const seen = new Map<string, number>();
  let exactCount = 0;
  let boundCount = 0;
  fc.assert(
    fc.property(situation, (one) => {
      const hub = arrange(one);
      cancelWaiting(hub);
      const job = trySubmit(hub, one.job);
      const explanation = job === undefined ? undefined : explained(hub, job);
      if (job === undefined || explanation === undefined) {
        return;
      }
      const { reason, startLowerBoundMs, place } = explanation;
      seen.set(reason, (seen.get(reason) ?? 0) + 1);
      if (place?.power !== undefined) {
        expect(place.power.neededWatts).toBeGreaterThan(place.power.freeWatts);
      }
      const startedMs = startOf(hub, job);
      expect(startedMs === startMs).toBe(reason === "next-pass");
      if (reason === "never-fits-now") {
        expect(startedMs).toBeUndefined();
      }
      if (startLowerBoundMs !== undefined && startedMs !== undefined) {
        expect(startedMs).toBeGreaterThanOrEqual(startLowerBoundMs);
        boundCount += 1;
        exactCount += startedMs === startLowerBoundMs ? 1 : 0;
      }
    }),
    { seed: 20_260_101, numRuns: 300 },
  );
  // The bound is of use: most starts come exactly when it says.
  expect(exactCount / boundCount).toBeGreaterThan(0.8);
  for (const reason of ["gpus", "power-limit", "power-budget", "future-window", "next-pass"]) {
    expect(seen.get(reason) ?? 0, reason).toBeGreaterThan(3);
  }
});

it("plans a start exactly when a submit gets one, on the very same GPUs", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(situation, (one) => {
      const hub = arrange(one);
      const before = hub.ledger();
      const planned = planJob(hub.state, hub.engine.limits, specOf(one.job), "aida");
      expect(hub.ledger()).toBe(before);
      seen.set(planned.kind, (seen.get(planned.kind) ?? 0) + 1);
      const job = trySubmit(hub, one.job);
      expect(job === undefined).toBe(planned.kind === "rejected");
      if (job === undefined) {
        return;
      }
      hub.place();
      expect(isStarted(hub, job)).toBe(planned.kind === "start-now");
      if (planned.kind === "start-now") {
        const [attempt] = getJob(hub.state, job)?.attempts ?? [];
        expect(attempt?.nodes).toEqual(planned.nodes);
        expect(attempt?.powerReservedWatts).toBe(planned.powerReservedWatts);
      } else if (planned.kind === "waits") {
        expect(explained(hub, job)?.reason).not.toBe("next-pass");
        const { reason } = planned.explanation;
        seen.set(reason, (seen.get(reason) ?? 0) + 1);
      }
    }),
    { seed: 20_260_102, numRuns: 300 },
  );
  for (const kind of ["start-now", "waits", "rejected", "behind-others"]) {
    expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(2);
  }
});
