import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { planJob, type JobPlan } from "./plan.ts";
import { rampedHub } from "../../testing/test-ramped-hub.ts";
import {
  acknowledge,
  attemptsOf,
  cappedHub,
  Hub,
  hourMs,
  spec,
  startMs,
} from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { JobSpec } from "../../words/job-spec.ts";

const bending: Partial<JobSpec> = {
  flexibilityTier: 50,
  workloadClass: "straight",
  walltime: milliseconds(10 * hourMs),
};
const high: Partial<JobSpec> = { priorityClass: "high" };

/** Two jobs that bend run at full power, and so many watts are left of the 3.2 kW that another takes. */
function hubWith(restWatts: number, text = cappedHub()): Hub {
  const hub = new Hub(text);
  hub.budget("feed", "hub", hub.feedWatts() + 2 * 3_200 + restWatts, [startMs]);
  hub.run({ ...bending, preemptible: true });
  hub.run({ ...bending, preemptible: true });
  hub.wait(hourMs);
  hub.place();
  return hub;
}

/** With a check that planning left no trace, also none of when passes look again. */
function plan(hub: Hub, changes: Partial<JobSpec>): JobPlan {
  const trace = (): string =>
    JSON.stringify([
      hub.ledger(),
      hub.state.preemptsAgainAtMs,
      [...hub.state.ramps.values()].map(({ capsAtMs }) => capsAtMs),
    ]);
  const before = trace();
  const result = planJob(hub.state, hub.engine.limits, spec(changes), "aida");
  expect(trace()).toBe(before);
  return result;
}

test("a start for which caps of others fall is planned as a submit gets it, and nobody is said to be stopped", () => {
  const hub = hubWith(1_600);
  const planned = plan(hub, high);
  expect(planned).toMatchObject({
    kind: "start-after-lowering",
    capWatts: 0,
    capHighestWatts: 400,
  });
  const job = hub.run(high);
  const falling = attemptsOf(hub).filter(({ capInForce }) => capInForce !== undefined);
  const kept = known(hub.state.sites.get("hub")?.pools[0]?.reservations[0], "what is kept");
  expect(planned).toMatchObject({
    lowered: falling.map((one) => one.job),
    startAtMs: kept.startAtMs,
    capWatts: kept.capWatts,
    nodes: kept.nodes.map((node) => hub.state.sites.get("hub")?.site.nodes[node]?.id),
  });
  acknowledge(hub);
  hub.place();
  const [attempt] = hub.state.jobs.get(job)?.active?.values() ?? [];
  expect(attempt).toMatchObject({ capWatts: 0, heldNodes: kept.nodes });
});

test("who would wait beside caps that fall for another waits for them, too", () => {
  const hub = hubWith(1_600);
  hub.run(high);
  expect(plan(hub, high)).toMatchObject({ kind: "waits" });
});

test("behind others that wait for a start of their own, who may begin with the watts, no moment is told", () => {
  const hub = new Hub(cappedHub());
  // All but 1.5 of the 3.2 kW that a node takes at full power are in use.
  hub.budget("season", "hub", hub.feedWatts() + 6 * 3_200 + 1_500, [startMs]);
  const bendingJob = { flexibilityTier: 50, workloadClass: "straight" } as const;
  hub.run({ ...bendingJob, nodeCount: 4, walltime: milliseconds(20 * hourMs) });
  hub.run({ nodeCount: 2, walltime: milliseconds(hourMs) });
  // At its lowest cap it would be done later than by waiting for full power.
  hub.run({ ...bendingJob, walltime: milliseconds(8 * hourMs) });
  hub.wait(60_000);
  const short = { walltime: milliseconds(2 * hourMs) };
  expect(plan(hub, short)).toMatchObject({ kind: "start-after-lowering", isPromised: false });
});

test("below a ramp, where nobody knows when caps are there, no moment is told", () => {
  const hub = hubWith(1_600, rampedHub("100 kW/min over 60 s"));
  expect(plan(hub, high)).toMatchObject({ kind: "start-after-lowering", isPromised: false });
});
