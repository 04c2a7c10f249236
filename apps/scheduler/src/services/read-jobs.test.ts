import { ClockServiceService, JobServiceService, JobState, PlanJobResponse } from "@ertis/api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { as, call, openHub, requestId, specWith, submitOne, type TestHub } from "../testing/hub.ts";

let hub: TestHub;

beforeEach(async () => {
  hub = await openHub();
});

afterEach(async () => {
  await hub.close();
});

test("a job has the request id it was submitted with, alone and in a list", async () => {
  const id = requestId();
  const items = [{ requestId: id, spec: specWith({ held: true }) }];
  const { results } = await call(hub, JobServiceService.submitJobs, { items }, as("aigerim"));
  const jobId = results[0]?.outcome?.value as string;
  const one = await call(hub, JobServiceService.getJob, { jobId }, as("aigerim"));
  expect(one.job?.requestId).toBe(id);
  const listed = await call(
    hub,
    JobServiceService.listJobs,
    { filter: undefined, pageSize: 0, pageToken: "", view: 0, expandArrays: false },
    as("aigerim"),
  );
  expect(listed.jobs.map((job) => job.requestId)).toEqual([id]);
});

test("attempts come oldest first, also while the newest goes on", async () => {
  const fails = new Map([
    ["ERTIS_SIM_RUNTIME_MS", "60000"],
    ["ERTIS_SIM_OUTCOME", "failed:3"],
  ]);
  const jobId = await submitOne(hub, "aigerim", {
    env: fails,
    retryPolicy: { maxRetries: 2, categories: [] },
  });
  const numbers: number[][] = [];
  for (let hour = 0; hour < 240; hour += 1) {
    const { job } = await call(hub, JobServiceService.getJob, { jobId }, as("aigerim"));
    numbers.push((job?.attempts ?? []).map((attempt) => attempt.number));
    if (job?.state === JobState.FAILED) {
      break;
    }
    const { nowTimeMs } = await call(hub, ClockServiceService.getClock, {}, as("dauren"));
    const toTimeMs = nowTimeMs + 30_000;
    await call(hub, ClockServiceService.advance, { toTimeMs }, as("dauren"));
  }
  expect(numbers.at(-1)).toEqual([1, 2, 3]);
  expect(numbers).toContainEqual([1, 2]);
  expect(numbers.filter((each) => each.some((number, at) => number !== at + 1))).toEqual([]);
});

test("sentences and refusals say times and lengths as people write them", async () => {
  const { nowTimeMs } = await call(hub, ClockServiceService.getClock, {}, as("dauren"));
  const spec = specWith({ beginTimeMs: nowTimeMs + 3 * 86_400_000 });
  const plan = await call(hub, JobServiceService.planJob, { spec }, as("aigerim"));
  expect(JSON.stringify(PlanJobResponse.toJSON(plan))).toMatch(
    /"summary":"begins no earlier than \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
  );
  const century = specWith({ walltimeMs: 100 * 365 * 86_400_000 });
  const refused = await call(hub, JobServiceService.planJob, { spec: century }, as("aigerim"));
  expect(JSON.stringify(PlanJobResponse.toJSON(refused))).toMatch(
    /found 36500 d, but 1 s to \d+ d is allowed/,
  );
});
