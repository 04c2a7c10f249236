import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { ObeyingCluster } from "../../testing/test-obeying.ts";
import { cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { taskView } from "../jobs/task-view.ts";
import { explainJob } from "./explain.ts";
import { pausedAheadText } from "./paused-ahead.ts";
import { explanationSentence } from "./sentence.ts";
import { taskNames } from "./task-names.ts";

const checkpoint = { save: milliseconds(minuteMs), restore: milliseconds(2 * minuteMs) };
const array: Partial<JobSpec> = {
  flexibilityTier: 50,
  workloadClass: "straight",
  checkpoint,
  capMin: watts(360),
  walltime: milliseconds(10 * hourMs),
  nodeCount: 1,
  taskCount: 12,
};

/** Eight tasks of an array run on a node each, and those that the emergency pauses have stopped. */
function pausedArray(taskThrottle: number): {
  readonly hub: Hub;
  readonly cluster: ObeyingCluster;
  readonly paused: number[];
} {
  const hub = new Hub(cappedHub());
  hub.run({ ...array, taskThrottle });
  const cluster = new ObeyingCluster(hub);
  cluster.pass(10 * minuteMs);
  const span = { start: instant(hub.nowMs), end: instant(hub.nowMs + 20 * minuteMs) };
  const ask = { target: watts(28_000), baseline: watts(hub.feedWatts()), ...span };
  expect(schedule(hub, { id: "deep", ...ask, giveUp: [50] })).toEqual({ kind: "done" });
  cluster.pass(3 * minuteMs);
  const paused = [...hub.state.curtailments.paused.values()].map(({ task }) => task);
  expect(paused.length).toBeGreaterThan(1);
  return { hub, cluster, paused: paused.toSorted((a, b) => a - b) };
}

function why(hub: Hub, task?: number): string {
  const explanation = known(explainJob(hub.state, 1, task), "explanation");
  return explanationSentence(explanation, { time: String });
}

test.each([0, 8])(
  "a paused task of an array is told so, and by what, at a throttle of %d",
  (most) => {
    const { hub, paused } = pausedArray(most);
    const job = known(hub.state.jobs.get(1), "array");
    for (const task of paused) {
      expect(why(hub, task)).toMatch(
        /^(is|was) paused for curtailment "deep" (until about \d+|and is to)/,
      );
      const view = taskView(hub.state, job, task, "summary");
      expect([view.state, view.reason, view.message]).toEqual([
        "queued",
        "curtailment",
        'for curtailment "deep"',
      ]);
    }
    // The last one has never run.
    expect(why(hub, 11)).not.toMatch(/(is|was) paused/);
    expect(taskView(hub.state, job, 11, "summary").message).toBe("");
  },
);

test("an array is told which of its tasks are paused, by what and until when", () => {
  const { hub, paused } = pausedArray(8);
  const until = Math.max(...[...hub.state.curtailments.paused.values()].map((one) => one.untilMs));
  expect(why(hub)).toContain(
    `has ${taskNames(paused)} paused for curtailment "deep" until about ${until}; `,
  );
});

test("many tasks are named by their ranges, and of many ranges the first", () => {
  expect(taskNames([3])).toBe("task 3");
  expect(taskNames([4, 0, 1, 2, 7])).toBe("tasks 0-2, 4 and 7");
  expect(taskNames([0, 2, 4, 6, 8, 9])).toBe("tasks 0, 2, 4 and 3 more");
});

test("who waits for paused tasks is told which ones, and of one that is over no end that has passed", () => {
  const ahead = { job: 6, tasks: [0, 1, 3], isOwn: false, domain: "hub/hall-1" };
  const format = { time: String, domain: String };
  const curtailment = { id: "deep", untilMs: 500, isOver: true };
  expect(pausedAheadText({ ...ahead, curtailment }, format)).toBe(
    'would fit, but curtailment "deep" of hub/hall-1 has paused tasks 0-1 and 3 of job 6, which come back first; it is over and gives its watts back until 500',
  );
  const own = { ...ahead, isOwn: true, tasks: [3] };
  expect(
    pausedAheadText({ ...own, curtailment: { ...curtailment, isOver: false } }, format),
  ).toMatch(/has paused its task 3, which comes back first; it is over at 500$/);
});

test("a newcomer is told the tasks that come back first, and of a curtailment that is over when its watts are back", () => {
  const { hub, cluster, paused } = pausedArray(8);
  const job = hub.submit({ gpusPerNode: 1, nodeCount: 1, walltime: milliseconds(10 * minuteMs) });
  const whyOf = (): string =>
    explanationSentence(known(explainJob(hub.state, job), "explanation"), { time: String });
  const endMs = hub.nowMs + 17 * minuteMs;
  expect(whyOf()).toMatch(
    `has paused ${taskNames(paused)} of job 1, which come back first; it is over at ${endMs}`,
  );
  cluster.pass(17 * minuteMs + 1_000);
  expect(whyOf()).toMatch(
    `, which come back first; it is over and gives its watts back until ${endMs + 2 * minuteMs}`,
  );
});
