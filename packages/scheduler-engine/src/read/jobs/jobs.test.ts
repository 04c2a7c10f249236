import { describe, expect, it } from "vitest";
import { energyOf, instant, milliseconds, watts } from "@ertis/quantities";
import { getJob, getTask, listJobs } from "./jobs.ts";
import { jobView } from "./job-view.ts";
import { selectJobs } from "./select-jobs.ts";
import { taskView } from "./task-view.ts";
import { Hub, hourMs } from "../../testing/test-hub.ts";

describe("getJob", () => {
  it("shows an array by the states of its tasks", () => {
    const hub = new Hub();
    const job = hub.run({ taskCount: 20, gpusPerNode: 8, taskThrottle: 3 });
    hub.finish(job, 0);
    hub.finish(job, 1, 7);
    const view = getJob(hub.state, job);
    expect(view?.state).toBe("starting");
    expect(view?.taskCounts).toMatchObject({ queued: 17, starting: 1, succeeded: 1, failed: 1 });
    expect(view?.attempts.map((one) => [one.task, one.outcome?.kind])).toEqual([
      [2, undefined],
      [0, "succeeded"],
      [1, "failed"],
    ]);
    expect(view?.attempts[0]?.nodes[0]).toEqual({
      node: "hub/sub-1/hall-1/row-1/rack-2/node-1",
      gpuIndices: [0, 1, 2, 3, 4, 5, 6, 7],
    });
    expect(getTask(hub.state, job, 1)).toMatchObject({ state: "failed", reason: "application" });
    expect(getTask(hub.state, job, 19)?.state).toBe("queued");
    expect(getTask(hub.state, job, 20)).toBeUndefined();
  });

  it("says why a job is where it is", () => {
    const hub = new Hub();
    const held = hub.submit({ isHeld: true });
    const later = hub.submit({ beginAt: instant(hub.nowMs + hourMs) });
    const after = hub.submit({ dependencies: [{ job: held, condition: "after-ok" }] });
    const failed = hub.run();
    hub.finish(failed, 0, 3);
    const reasons = [held, later, after, failed].map((job) => getJob(hub.state, job)?.reason);
    expect(reasons).toEqual(["held", "begin-time", "dependency", "application"]);
  });

  it("bounds the energy of attempts by reserved watts × time held", () => {
    const hub = new Hub();
    const job = hub.run();
    hub.wait(1000);
    expect(getJob(hub.state, job)?.energyUpperBound).toBe(8_000n * 1000n);
    expect(getJob(hub.state, 99)).toBeUndefined();
  });
});

describe("listJobs", () => {
  function numbers(hub: Hub, filter: Parameters<typeof listJobs>[1]): number[] {
    return listJobs(hub.state, filter, { size: 100 }).jobs.map((job) => job.number);
  }

  it("filters", () => {
    const hub = new Hub();
    const first = hub.run({ name: "train-a", labels: { team: "x" } });
    const second = hub.submit({ name: "eval", project: "p2" }, "bek");
    const third = hub.submit({ name: "train-b", isHeld: true, site: "hub" });
    expect(numbers(hub, {})).toEqual([third, second, first]);
    expect(numbers(hub, { owner: "bek" })).toEqual([second]);
    expect(numbers(hub, { projects: ["p1"] })).toEqual([third, first]);
    expect(numbers(hub, { projects: [] })).toEqual([]);
    expect(numbers(hub, { namePrefix: "train" })).toEqual([third, first]);
    expect(numbers(hub, { labels: { team: "x" } })).toEqual([first]);
    expect(numbers(hub, { labels: { toString: "x" } })).toEqual([]);
    expect(numbers(hub, { states: ["held", "queued"] })).toEqual([third, second]);
    expect(numbers(hub, { site: "hub" })).toEqual([third, first]);
    expect(numbers(hub, { jobs: [first, 77, third, first] })).toEqual([third, first]);
  });

  it("pages without a gap or a repeat, also when it may look at few jobs only", () => {
    const hub = new Hub();
    for (let count = 0; count < 30; count += 1) {
      hub.submit({ name: count % 3 === 0 ? "yes" : "no" });
    }
    const seen: number[] = [];
    let from: { job: number; task: number } | undefined;
    let calls = 0;
    do {
      const page = { size: 4, lookedAtMax: 7, ...(from === undefined ? {} : { from }) };
      const list = listJobs(hub.state, { namePrefix: "yes" }, page);
      seen.push(...list.jobs.map((job) => job.number));
      from = list.next;
      calls += 1;
    } while (from !== undefined);
    expect(seen).toEqual([28, 25, 22, 19, 16, 13, 10, 7, 4, 1]);
    expect(calls).toBe(5);
  });

  it("lists an array task by task on request", () => {
    const hub = new Hub();
    hub.submit();
    hub.submit({ taskCount: 5 });
    const first = listJobs(hub.state, {}, { size: 3, isExpanded: true });
    expect(first.next).toEqual({ job: 2, task: 3 });
    const page = { size: 10, isExpanded: true, from: { job: 2, task: 3 } };
    const rest = listJobs(hub.state, {}, page).jobs;
    expect(rest.map((job) => ("task" in job ? job.task : "job"))).toEqual([3, 4, "job"]);
  });
});

describe("selectJobs", () => {
  it("refuses an empty selector", () => {
    const hub = new Hub();
    hub.submit();
    expect(selectJobs(hub.state, {}, "cancel-jobs").kind).toBe("empty-selector");
    expect(selectJobs(hub.state, { jobs: [], filter: {} }, "cancel-jobs").kind).toBe(
      "empty-selector",
    );
  });

  it("takes the named in their order, then what matches and would change, oldest first", () => {
    const hub = new Hub();
    for (let count = 0; count < 6; count += 1) {
      hub.submit();
    }
    hub.change("cancel-jobs", [2]);
    const selector = { jobs: [5, 99], filter: { owner: "aida" } };
    expect(selectJobs(hub.state, selector, "cancel-jobs", { size: 4 })).toEqual({
      kind: "selected",
      jobs: [5, 99, 1, 3],
      remainingCount: 2,
      next: undefined,
    });
    const small = { size: 4, lookedAtMax: 2 };
    const part = selectJobs(hub.state, selector, "cancel-jobs", small);
    expect(part).toMatchObject({ jobs: [5, 99, 1], next: 2 });
    const rest = selectJobs(hub.state, selector, "cancel-jobs", { after: 2 });
    expect(rest).toMatchObject({ jobs: [3, 4, 6], next: undefined });
  });

  it("does not match jobs on which the action would change nothing", () => {
    const hub = new Hub();
    hub.submit({ isHeld: true });
    hub.submit();
    const selector = { filter: { owner: "aida" } };
    expect(selectJobs(hub.state, selector, "hold-jobs")).toMatchObject({ jobs: [2] });
    expect(selectJobs(hub.state, selector, "release-jobs")).toMatchObject({ jobs: [1] });
  });
});

it("knows how each task of an array ended, and what all of them used", () => {
  const hub = new Hub();
  const job = hub.run({ taskCount: 40, gpusPerNode: 1 });
  hub.wait(60_000);
  for (let task = 0; task < 20; task += 1) {
    hub.finish(job, task, task % 5 === 3 ? 1 : 0);
  }
  hub.change("cancel-jobs", [job]);
  for (let task = 20; task < 40; task += 1) {
    hub.finish(job, task, 143);
  }
  const known = hub.state.jobs.get(job);
  const states = Array.from({ length: 40 }, (_, task) =>
    known === undefined ? "" : taskView(hub.state, known, task, "summary").state,
  );
  expect(states.filter((state) => state === "failed")).toHaveLength(4);
  expect(states[3]).toBe("failed");
  expect(states[4]).toBe("succeeded");
  expect(states.filter((state) => state === "cancelled")).toHaveLength(20);
  const view = known === undefined ? undefined : jobView(hub.state, known, "summary");
  // 40 × 1 kW for a minute.
  expect(view?.energyUpperBound).toBe(energyOf(watts(40_000), milliseconds(60_000)));
  expect(view?.attemptCount).toBe(40);
});
