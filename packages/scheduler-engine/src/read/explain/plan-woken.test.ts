import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import { nodeOff } from "../../state/site-state.ts";
import { hourMs, spec, startMs } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { planJob } from "./plan.ts";

const begin = startMs + 15 * minuteMs;

/** Four nodes sleep for a curtailment; of the four others so many have become free. */
function sleeping(endedCount: number): MeteredHub {
  const hub = new MeteredHub();
  for (let job = 0; job < 4; job += 1) {
    hub.run(bending);
  }
  const span = { start: instant(begin), end: instant(begin + 3 * hourMs), ramp: milliseconds(0) };
  expect(hub.curtail("evening", { target: watts(22_000), ...span }).kind).toBe("done");
  hub.playUntil(begin + 10 * minuteMs);
  for (let job = 1; job <= endedCount; job += 1) {
    hub.finish(job);
  }
  hub.playUntil(hub.nowMs + 2 * minuteMs);
  return hub;
}

function heldBy(hub: MeteredHub, job: number): readonly number[] {
  return activeAttempts(known(hub.state.jobs.get(job), "job"))[0]?.heldNodes ?? [];
}

const gang: Partial<JobSpec> = { ...bending, nodeCount: 4, walltime: milliseconds(hourMs) };

test("a start for which sleeping nodes are woken is planned as the pass makes it", () => {
  const hub = sleeping(3);
  const plan = planJob(hub.state, defaultLimits, spec(gang), "aida");
  const started = heldBy(hub, hub.run(gang));
  expect(started).toHaveLength(4);
  const planned = plan.kind === "start-now" ? plan.nodes : [];
  expect(planned.map(({ node }) => node)).toEqual(
    started.map((node) => known(hub.site.site.nodes[node], "node").id),
  );
});

test("a plan wakes nobody itself, and where the target leaves no room for woken nodes it waits", () => {
  const hub = sleeping(0);
  const before = hub.site.nodeFlags.map((flags) => flags & nodeOff);
  expect(planJob(hub.state, defaultLimits, spec(gang), "aida").kind).toBe("waits");
  expect(hub.site.nodeFlags.map((flags) => flags & nodeOff)).toEqual(before);
  expect(heldBy(hub, hub.run(gang))).toEqual([]);
});
