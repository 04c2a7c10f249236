import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { attachSqliteEventLog } from "@ertis/event-log";
import type { EngineLimits } from "@ertis/scheduler-engine";
import { writeSnapshotOf } from "@ertis/scheduler-runtime";

export interface SnapshotWorkerInput {
  readonly port: MessagePort;
  readonly limits: EngineLimits;
}

export interface SnapshotWorkerAnswer {
  readonly sequence: number;
}

// eslint-disable-next-line typescript/no-unsafe-type-assertion -- given by `makeSnapshot` beside this file
const { port, limits } = workerData as SnapshotWorkerInput;
const log = await attachSqliteEventLog(port);
const sequence = await writeSnapshotOf(log, limits);
await log.close();
const answer: SnapshotWorkerAnswer = { sequence };
// eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(answer);
port.close();
