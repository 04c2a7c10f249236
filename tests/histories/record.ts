import { writeFileSync } from "node:fs";

import { MemoryEventLog, MemoryLogStorage } from "@ertis/event-log";
import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { jobState, stateDigest } from "@ertis/scheduler-engine";

import { advance, createWorld, item, startIn } from "../runtime/world.ts";

/**
 * Records a history: the rows of a log, then what came of them. Run once a release, under a new
 * name; what older releases wrote is never recorded anew.
 *
 *   node tests/histories/record.ts tests/histories/NAME.jsonl
 */
const hourMs = 3_600_000;
const [file] = process.argv.slice(2);
if (file === undefined) {
  throw new Error("name the file to write");
}

const world = createWorld(11, {
  nodeFailure: { numerator: 1, denominator: 60 },
  startFailure: { numerator: 1, denominator: 30 },
});
const storage = new MemoryLogStorage();
let log = new MemoryEventLog(storage);
let scheduler = await startIn(world, log);
const by = { person: "operator", mayActForOthers: true };
let number = 0;
for (let round = 0; round < 12; round += 1) {
  const items = Array.from({ length: 12 }, (_, index) => {
    number += 1;
    return item(number, {
      nodeCount: 1 + ((number * 7) % 4),
      gpusPerNode: [1, 2, 4, 8][number % 4] ?? 8,
      walltime: milliseconds(600_000 * (1 + (number % 9))),
      priorityClass: (["low", "normal", "high"] as const)[number % 3] ?? "normal",
      taskCount: index === 5 ? 6 : 1,
      taskThrottle: index === 5 ? 2 : 0,
      isHeld: index === 7,
      retry: { maxRetries: 1, categories: ["application", "start"] },
      ...(index === 9 ? { beginAt: instant(toNumber(world.time.now()) + hourMs) } : {}),
      dependencies:
        index === 10 && number > 20 ? [{ job: number - 14, condition: "after-any" as const }] : [],
    });
  });
  await scheduler.request({ kind: "submit-jobs", owner: "aigerim", items });
  await advance(world, hourMs / 2);
  const now = toNumber(world.time.now());
  const held = (await scheduler.read((engine) => [...engine.state.jobs.after(0)]))
    .filter((job) => jobState(job) === "held")
    .map((job) => job.number);
  if (round % 3 === 1) {
    await scheduler.request({ kind: "release-jobs", by, jobs: held, reason: "" });
    await scheduler.request({
      kind: "set-budget",
      budget: {
        id: "evening",
        site: "two-rows",
        domain: "two-rows/substation-1/hall-1",
        ceiling: watts(90_000 + round * 1_000),
        from: instant(now + hourMs),
        until: instant(now + 3 * hourMs),
        reason: "evening peak",
        setBy: "operator",
      },
    });
  }
  if (round === 4) {
    await scheduler.request({
      kind: "drain-nodes",
      site: "two-rows",
      nodes: [2, 3],
      by: "operator",
      reason: "new firmware",
      deadline: instant(now + hourMs),
      thenDo: "requeue",
    });
  }
  if (round === 7) {
    const nodes = [2, 3];
    const site = "two-rows";
    await scheduler.request({ kind: "uncordon-nodes", site, nodes, by: "operator", reason: "" });
    await scheduler.request({ kind: "cancel-jobs", by, jobs: [80, 81, 82], reason: "by mistake" });
  }
  if (round === 6) {
    log.kill();
    await scheduler.close();
    log = new MemoryEventLog(storage);
    scheduler = await startIn(world, log);
  }
  await advance(world, hourMs);
}
await advance(world, 48 * hourMs);
const rows: string[] = [];
for await (const row of log.read(0)) {
  rows.push(row.payload);
}
const outcome = await scheduler.read((engine) => ({
  digest: stateDigest(engine.state),
  states: [...engine.state.jobs.after(0)].map((job) => `${job.number} ${jobState(job)}`),
}));
writeFileSync(file, `${[JSON.stringify(outcome), ...rows].join("\n")}\n`);
console.log(`${rows.length} rows, ${outcome.states.length} jobs, digest ${outcome.digest}`);
await scheduler.close();
