import { JobState } from "@ertis/api";
import { expect, test } from "vitest";
import { sampleJobs, toJob } from "../testing/sample-jobs.ts";
import { sampleNowMs as nowMs } from "../testing/sample-power.ts";
import { renderJob, showRanges } from "./job-detail.ts";
import { showAge } from "./jobs-table.ts";

const style = { isColoured: false, isUnicode: true, width: 100 };
const going = sampleJobs.find(({ id }) => id === "1005")?.attempts ?? [];

test.each([
  [[], ""],
  [[3], "3"],
  [[0, 1, 2, 3, 4, 5, 6, 7], "0-7"],
  [[0, 1, 4, 6, 7], "0-1,4,6-7"],
])("GPUs %j are %s", (indices, text) => {
  expect(showRanges(indices)).toBe(text);
});

test("a job that was tried before runs for as long as its present attempt", () => {
  const job = toJob({
    id: "1",
    state: JobState.RUNNING,
    startTimeMs: nowMs - 7_200_000,
    attempts: going,
  });
  expect(showAge(job, nowMs)).toBe("20 min");
});

test("what is not shown of many attempts is counted, and a throttle is told in words", () => {
  const job = toJob({
    id: "6",
    state: JobState.RUNNING,
    stateReason: "ARRAY_THROTTLE",
    attempts: going,
    attemptCount: 115,
  });
  const text = renderJob(job, { style, nowMs }).join("\n");
  expect(text).toContain("and 114 more attempts");
  expect(text).toContain("running (the array's own throttle lets no more tasks start)");
});
