import { JobState } from "@ertis/api";
import { expect, test } from "vitest";
import { sampleJobs, toJob } from "../testing/sample-jobs.ts";
import { sampleNowMs as nowMs } from "../testing/sample-power.ts";
import { busiestFirst, newestFirst, showStateCounts } from "./job-order.ts";
import { showJobState } from "./job-state.ts";
import { renderTop } from "./top.ts";

const ids = (jobs: readonly { readonly id: string }[]): readonly string[] =>
  jobs.map(({ id }) => id);

test("ids are numbers: 10 comes after 9, task 10 after task 9", () => {
  const jobs = ["9", "10", "2_10", "2_9", "2"].map((id) => toJob({ id }));
  expect(ids(newestFirst(jobs))).toEqual(["10", "9", "2_10", "2_9", "2"]);
});

test("what moves comes before what runs, that before the queue, oldest first", () => {
  expect(ids(busiestFirst(sampleJobs.slice(0, 7)))).toEqual([
    "1004",
    "1006",
    "1005",
    "1009",
    "1010",
    "1007",
    "1008",
  ]);
});

test("counts are in the order of a job's life", () => {
  const states = [JobState.QUEUED, JobState.RUNNING, JobState.QUEUED].map((state, index) =>
    toJob({ id: `${index}`, state }),
  );
  const order = [JobState.RUNNING, JobState.QUEUED];
  expect(showStateCounts(states, order, showJobState)).toBe("1 running, 2 queued");
  expect(showStateCounts([], order, showJobState)).toBe("none");
});

test("however many run, the head of the queue is seen", () => {
  const jobs = Array.from({ length: 200 }, (_, index) =>
    toJob({ id: `${index + 1}`, state: index < 150 ? JobState.RUNNING : JobState.QUEUED }),
  );
  const style = { isColoured: false, isUnicode: true, width: 100 };
  const state = {
    title: "x",
    domains: [],
    jobs,
    endedCount: 0,
    sinceMs: nowMs,
    nowMs,
    staleness: "",
  };
  const lines = renderTop(state, style, 30);
  expect(lines.some((line) => line.startsWith("151 "))).toBe(true);
  expect(lines.some((line) => line.startsWith("1 "))).toBe(true);
  expect(lines).toHaveLength(30);
});
