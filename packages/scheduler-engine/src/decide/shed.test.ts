import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub } from "../read/test-hub.ts";
import { known } from "../state/assert.ts";
import { activeAttempts, type Attempt } from "../state/job.ts";

function attemptOf(hub: Hub, job: number): Attempt {
  return known(activeAttempts(known(hub.state.jobs.get(job), "job"))[0], "attempt");
}

test("a lost feed that not even the lowest caps hold lowers nobody elsewhere, and the moment comes to rest", () => {
  const hub = new Hub(cappedHub());
  const checkpoint = { save: milliseconds(60_000), restore: milliseconds(60_000) };
  const bending = { flexibilityTier: 25, workloadClass: "straight", checkpoint } as const;
  const below = [hub.run(bending), hub.run(bending)];
  const elsewhere = hub.run({ ...bending, nodeCount: 2 });
  const site = known(hub.state.sites.get("hub"), "hub");
  const node = known(attemptOf(hub, known(below[0], "job")).heldNodes[0], "node");
  const domain = known(site.nodeDomain[node], "rack");
  // Two idle nodes and one job at its lowest cap.
  const remaining = watts(2 * 2_000 + 8 * 200);
  hub.report({ kind: "supply-lost", domain, remaining });
  const caps = (): readonly number[] =>
    [...below, elsewhere].map((job) => attemptOf(hub, job).capWatts);
  const before = caps();
  expect(before[2]).toBe(0);
  expect(below.map((job) => attemptOf(hub, job).phase)).toContain("stopping");
  for (let pass = 0; pass < 20 && hub.engine.needsPass; pass += 1) {
    hub.place();
  }
  expect(hub.engine.needsPass).toBe(false);
  expect(caps()).toEqual(before);
});
