import { Attempt, AttemptOutcome, FailureCategory, Job, JobSpec, JobState } from "@ertis/api";
import { expect, test } from "vitest";
import { sampleJobs, toJob } from "../testing/sample-jobs.ts";
import { sampleNowMs as nowMs } from "../testing/sample-power.ts";
import { renderJob, showRanges } from "./job-detail.ts";
import { createJobColumns, showAge } from "./jobs-table.ts";

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

const paused = Attempt.fromPartial({
  site: "hub",
  outcome: AttemptOutcome.PREEMPTED,
  failureCategory: FailureCategory.PREEMPTION,
  message: "paused for curtailment evening",
  startTimeMs: nowMs - 180_000,
  endTimeMs: nowMs - 60_000,
});

test("an attempt that was paused says for what, and not that it was preempted", () => {
  const job = toJob({ id: "7", state: JobState.QUEUED, attempts: [paused] });
  const text = renderJob(job, { style, nowMs }).join("\n");
  expect(text).toContain("paused for curtailment evening after 2 min");
  expect(text).not.toContain("preempt");
});

function cellOf(job: Job, column: "NOTE" | "GPUS"): string {
  const columns = createJobColumns({ nowMs, isUnicode: true });
  const cell = columns.find(({ title }) => title === column)?.cell(job) ?? "";
  return typeof cell === "string" ? cell : cell.text;
}

test("a list of jobs tells who is paused or told to stop for a curtailment, and who runs on fewer nodes", () => {
  const spec = JobSpec.fromPartial({ nodeCount: 8, gpusPerNode: 8 });
  const smaller = Attempt.fromPartial({ site: "hub", nodeCount: 6 });
  const note = (state: JobState, attempts: Attempt[], stateReason = ""): string =>
    cellOf(Job.fromPartial({ id: "8", spec, state, attempts, stateReason }), "NOTE");
  expect(note(JobState.QUEUED, [paused], "CURTAILMENT")).toBe("curtailment");
  expect(note(JobState.RUNNING, [smaller])).toBe("hub, 6 of 8 nodes");
  expect(note(JobState.STOPPING, [smaller], "CURTAILMENT")).toBe("hub, 6 of 8 nodes, curtailment");
  const gpus = (state: JobState, attempts: Attempt[]): string =>
    cellOf(Job.fromPartial({ id: "8", spec, state, attempts }), "GPUS");
  expect(gpus(JobState.RUNNING, [smaller])).toBe("6×8");
  expect(gpus(JobState.RUNNING, [{ ...smaller, nodeCount: 1 }])).toBe("8");
  expect(gpus(JobState.RUNNING, [{ ...smaller, nodeCount: 8 }])).toBe("8×8");
  // Of one that waits, what it asks for.
  expect(gpus(JobState.QUEUED, [{ ...smaller, endTimeMs: nowMs }])).toBe("8×8");
});

test("a missed deadline is told with by how much, of a job that goes on only if it uses its walltime", () => {
  const missed = {
    spec: JobSpec.fromPartial({ deadlineTimeMs: nowMs + 1_800_000 }),
    deadlineMissedByMs: 1_800_000,
  };
  const text = (facts: Partial<Job>): string =>
    renderJob(Job.fromPartial({ ...missed, ...facts }), { style, nowMs }).join("\n");
  expect(text({})).toContain("(in 30 min): missed by 30 min if it uses its walltime");
  expect(text({ endTimeMs: nowMs + 3_600_000 })).toMatch(/missed by 30 min$/m);
  expect(text({ deadlineMissedByMs: 0 })).not.toContain("missed");
});
