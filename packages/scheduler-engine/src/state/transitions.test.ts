import { expect, test } from "vitest";
import { Hub, smallHub } from "../testing/test-hub.ts";
import { jobState } from "./job.ts";
import { attemptTransitions, jobTransitions } from "./transitions.ts";

test("every phase and every state that is named is one of the table", () => {
  const phases = Object.keys(attemptTransitions);
  const states = Object.keys(jobTransitions);
  expect(phases).toHaveLength(4);
  expect(states).toHaveLength(9);
  for (const next of Object.values(attemptTransitions).flat()) {
    expect(phases).toContain(next);
  }
  for (const next of Object.values(jobTransitions).flat()) {
    expect(states).toContain(next);
  }
});

test("an end is an end: nothing follows it", () => {
  expect(attemptTransitions.exited).toEqual([]);
  expect([jobTransitions.succeeded, jobTransitions.failed, jobTransitions.cancelled]).toEqual([
    [],
    [],
    [],
  ]);
});

test("a job that starts was queued", () => {
  const hub = new Hub(smallHub(100));
  const number = hub.run({});
  const job = hub.state.jobs.get(number);
  expect(job === undefined ? undefined : jobState(job)).toBe("starting");
  expect(jobTransitions.queued).toContain("starting");
});
