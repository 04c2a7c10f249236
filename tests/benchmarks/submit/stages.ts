/**
 * Where the server's own time of a submit goes, stage by stage, in one thread and without transport,
 * log or placement: processor time of this thread for each job.
 *
 *     node tests/benchmarks/submit/stages.ts [batches] [specs, 1000; 0: no two alike]
 */
import { readFileSync } from "node:fs";

import { SubmitJobsResponse } from "@ertis/api";
import { instant } from "@ertis/quantities";
import {
  defaultLimits,
  encodeEntry,
  Engine,
  type Entry,
  type SubmitItem,
} from "@ertis/scheduler-engine";

import { SubmitDecoder, submitItemFromReceived } from "@ertis/scheduler";
import { Body, itemMaker, RequestIdDigits, seededRandom } from "./bodies.ts";

const itemCount = 1_000;
const frameHeaderBytes = 5;
const batchCount = Number(process.argv[2] ?? 1_000);
const specCount = Number(process.argv[3] ?? 1_000);
const bodyCount = 64;
const site = new URL("../../../infra/sites/pavlodar-hub.yaml", import.meta.url);

const engine = new Engine({ ...defaultLimits, jobsUnfinishedMax: 15_000_000 });
engine.execute({
  kind: "register-site",
  at: instant(0),
  site: "pavlodar-hub",
  file: "pavlodar-hub.yaml",
  text: readFileSync(site, "utf8"),
  phases: "built",
});
const decoder = new SubmitDecoder();
const make = itemMaker(seededRandom(1), specCount);
const ids = new RequestIdDigits();
const bodies = Array.from(
  { length: bodyCount },
  () => new Body(Array.from({ length: itemCount }, make), ids),
);
const spentMicroseconds = new Map<string, number>();

function stage<Result>(name: string, work: () => Result): Result {
  const before = process.threadCpuUsage();
  const result = work();
  const { user, system } = process.threadCpuUsage(before);
  spentMicroseconds.set(name, (spentMicroseconds.get(name) ?? 0) + user + system);
  return result;
}

function one(batch: number): void {
  const bytes = bodies[batch % bodies.length]?.next().subarray(frameHeaderBytes) ?? Buffer.alloc(0);
  const request = stage("decode", () => decoder.decode(bytes));
  const items = stage("check and map", () =>
    request.items.flatMap((item): readonly SubmitItem[] => {
      const mapped = submitItemFromReceived(item, "local", { walltimeMsMax: 1e12 }, []);
      return mapped === undefined ? [] : [mapped];
    }),
  );
  const { entry, reply } = stage("decide and apply", () =>
    engine.execute({ kind: "submit-jobs", at: instant(batch + 1), owner: "local", items }),
  );
  const entries: Entry[] = [entry];
  stage("encode the row", () => entries.map(encodeEntry));
  stage("encode the answer", () => {
    const results = reply.kind === "submitted" ? reply.results : [];
    return SubmitJobsResponse.encode({
      results: results.map((result) => ({
        outcome:
          result.kind === "accepted"
            ? { $case: "acceptedJobId", value: `${result.job}` }
            : undefined,
        deadlineMissedByMs: 0,
      })),
      sequence: batch,
    }).finish();
  });
}

for (let batch = 0; batch < 200; batch += 1) {
  one(batch);
}
spentMicroseconds.clear();
const before = process.cpuUsage();
for (let batch = 200; batch < 200 + batchCount; batch += 1) {
  one(batch);
}
const { user, system } = process.cpuUsage(before);
const jobs = batchCount * itemCount;
for (const [name, microseconds] of spentMicroseconds) {
  console.log(`${name.padEnd(20)}${(microseconds / jobs).toFixed(3)} µs a job`);
}
console.log(`${"all threads".padEnd(20)}${((user + system) / jobs).toFixed(3)} µs a job`);
console.log(
  `${"memory".padEnd(20)}${(process.memoryUsage().heapUsed / engine.state.jobs.count).toFixed(0)} bytes a job in the heap`,
);
