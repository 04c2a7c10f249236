import { readFileSync } from "node:fs";

import { openSqliteEventLog } from "@ertis/event-log";
import { instant, milliseconds } from "@ertis/quantities";
import { defaultLimits } from "@ertis/scheduler-engine";
import { startScheduler } from "@ertis/scheduler-runtime";

import { registrationOf } from "../decision/full-site.ts";

/** Starts on a directory, answers one read, says how long that took and how much memory: as JSON. */
const [directory] = process.argv.slice(2);
const started = performance.now();
const log = await openSqliteEventLog({ directory: directory ?? "" });
const scheduler = await startScheduler({
  log,
  executors: [],
  clock: { now: () => instant(1_900_000_000_000), wakeAt: () => {} },
  reporter: { info: () => {}, warn: () => {} },
  limits: { ...defaultLimits, jobsFinishedAgeMax: milliseconds(10 ** 12) },
  retention: { rowsMax: 10_000_000, ageMax: milliseconds(10 ** 12) },
  sites: [registrationOf()],
});
const jobs = await scheduler.read((engine) => engine.state.jobs.count);
const servingMs = performance.now() - started;
const peakKilobytes = Number(
  /VmHWM:\s+(\d+)/u.exec(readFileSync("/proc/self/status", "utf8"))?.[1],
);
console.log(JSON.stringify({ jobs, servingMs, peakMegabytes: peakKilobytes / 1024 }));
await scheduler.close();
await log.close();
