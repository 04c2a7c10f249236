import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { nodeOff } from "../../state/site-state.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

const begin = startMs + 15 * minuteMs;
const end = begin + 2 * hourMs;

const lossy: Partial<JobSpec> = { ...bending, priorityClass: "low", preemptible: true };
const saving: Partial<JobSpec> = {
  ...lossy,
  checkpoint: { save: milliseconds(30_000), restore: milliseconds(60_000) },
};

/** Three of a low class run on three nodes, a fourth node is free, and the other four sleep until `end`. */
function evening(kind: Partial<JobSpec>): MeteredHub {
  const hub = new MeteredHub();
  for (let count = 0; count < 4; count += 1) {
    const job = hub.run(count === 3 ? bending : kind);
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  }
  hub.curtail("evening", {
    target: watts(22_000),
    start: instant(begin),
    end: instant(end),
    ramp: milliseconds(0),
  });
  hub.playUntil(begin + 10 * minuteMs);
  expect(hub.site.nodeFlags.filter((flags) => (flags & nodeOff) !== 0)).toHaveLength(4);
  return hub;
}

function stoppedCount(hub: MeteredHub): number {
  return [1, 2, 3].filter((job) => known(hub.state.jobs.get(job), "job").attemptCount > 1).length;
}

test.each([
  {
    when: "a quarter of an hour before",
    kind: lossy,
    loss: "hours",
    atMs: end - 15 * minuteMs,
    stops: 0,
  },
  { when: "just after", kind: lossy, loss: "hours", atMs: end + 20_000, stops: 0 },
  { when: "shortly before", kind: saving, loss: "a minute", atMs: end - 2 * minuteMs, stops: 0 },
  {
    when: "half an hour before",
    kind: saving,
    loss: "a minute",
    atMs: end - 30 * minuteMs,
    stops: 1,
  },
])(
  "$when nodes wake by themselves, $stops who would lose $loss of work stop",
  ({ kind, atMs, stops }) => {
    const hub = evening(kind);
    hub.playUntil(atMs);
    hub.finish(4);
    const urgent = hub.run({ nodeCount: 2, priorityClass: "urgent" });
    const job = known(hub.state.jobs.get(urgent), "urgent");
    hub.playUntil(Math.max(hub.nowMs, end) + 6 * minuteMs);
    expect(job.runningCount).toBe(1);
    expect(stoppedCount(hub)).toBe(stops);
  },
);
