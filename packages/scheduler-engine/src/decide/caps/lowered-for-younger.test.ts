import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import { planJob } from "../../read/explain/plan.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts, type Job } from "../../state/job.ts";
import {
  acknowledge,
  attemptsOf,
  cappedHub,
  Hub,
  hourMs,
  spec,
  startMs,
} from "../../testing/test-hub.ts";

const bending = { flexibilityTier: 50, workloadClass: "straight" } as const;

function jobOf(hub: Hub, job: number): Job {
  return known(hub.state.jobs.get(job), "the job");
}

test("a job that caps are lowered for has their watts, also where an older one waits that would bend to the first of them", () => {
  const hub = new Hub(cappedHub());
  // All but 1.5 of the 3.2 kW that a node takes at full power are in use.
  hub.budget("season", "hub", hub.feedWatts() + 6 * 3_200 + 1_500, [startMs]);
  hub.run({ ...bending, nodeCount: 4, walltime: milliseconds(20 * hourMs) });
  hub.run({ nodeCount: 2, walltime: milliseconds(hourMs) });
  // At its lowest cap it would be done later than by waiting for full power.
  const older = hub.run({ ...bending, walltime: milliseconds(8 * hourMs) });
  expect(jobOf(hub, older).runningCount).toBe(0);
  hub.wait(60_000);
  const short = { walltime: milliseconds(2 * hourMs) };
  const planned = planJob(hub.state, defaultLimits, spec(short), "aida");
  expect(planned).toMatchObject({ kind: "start-after-lowering" });
  const younger = hub.run(short);
  // Its nodes answer one after the other.
  const nodes = known(attemptsOf(hub)[0], "who is lowered").heldNodes;
  for (const node of nodes) {
    acknowledge(hub, ...nodes.filter((other) => other > node));
    hub.place();
  }
  expect(jobOf(hub, older).runningCount).toBe(0);
  const [attempt] = activeAttempts(jobOf(hub, younger));
  expect(attempt).toMatchObject({ capWatts: 0 });
});
