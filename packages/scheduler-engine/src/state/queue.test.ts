import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { spec } from "../testing/test-hub.ts";
import type { JobSpec } from "../words/job-spec.ts";
import { createJob } from "./job.ts";
import { JobQueue } from "./queue.ts";

test("jobs share a shape when a placement pass cannot tell them apart", () => {
  const queue = new JobQueue();
  const shape = queue.shapeOf(spec());
  const alike: readonly Partial<JobSpec>[] = [
    { name: "other" },
    { labels: { team: "a" } },
    { taskCount: 50 },
    // In the same quarter of a doubling.
    { walltime: milliseconds(3_600_001) },
  ];
  const different: readonly Partial<JobSpec>[] = [
    { nodeCount: 2 },
    { gpusPerNode: 4 },
    { gpuModel: "H100" },
    { site: "hub" },
    { priorityClass: "high" },
    { walltime: milliseconds(2 * 3_600_000) },
  ];
  expect(alike.map((changes) => queue.shapeOf(spec(changes)) === shape)).toEqual(
    alike.map(() => true),
  );
  expect(different.map((changes) => queue.shapeOf(spec(changes)) === shape)).toEqual(
    different.map(() => false),
  );
});

test("a job is in line once, the oldest first, and an empty shape is forgotten", () => {
  const queue = new JobQueue();
  const [older, younger] = [createJob(1, "aida", spec(), 0), createJob(2, "aida", spec(), 0)];
  queue.add(younger);
  queue.add(older);
  queue.add(older);
  const [shape] = queue.takeFresh();
  expect([...(shape?.jobs.lines() ?? [])].map((line) => line.length)).toEqual([2]);
  expect(queue.hasFresh).toBe(false);
  for (const job of [older, younger]) {
    job.isReady = true;
    expect(shape?.jobs.first(0)?.number).toBe(job.number);
    job.isReady = false;
  }
  older.isReady = false;
  expect(shape?.jobs.first(0)).toBeUndefined();
  if (shape !== undefined) {
    queue.removeIfEmpty(shape);
  }
  expect(queue.shapeCount).toBe(0);
});
