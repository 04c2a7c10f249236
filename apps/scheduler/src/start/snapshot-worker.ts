import { readlinkSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { attachSqliteEventLog } from "@ertis/event-log";
import type { EngineLimits } from "@ertis/scheduler-engine";
import { writeSnapshotOf, type WrittenSnapshot } from "@ertis/scheduler-runtime";

export interface SnapshotWorkerInput {
  readonly port: MessagePort;
  readonly limits: EngineLimits;
}

export type SnapshotWorkerAnswer = WrittenSnapshot;

/** On Linux a thread has a priority of its own: this one takes what callers leave over. */
function giveWay(): void {
  try {
    const thread = readlinkSync("/proc/thread-self").split("/").at(-1);
    setPriority(Number(thread), constants.priority.PRIORITY_LOW);
  } catch {
    // Another system: the snapshot is made at the priority of everything else.
  }
}

giveWay();
// eslint-disable-next-line typescript/no-unsafe-type-assertion -- given by `makeSnapshot` beside this file
const { port, limits } = workerData as SnapshotWorkerInput;
const log = await attachSqliteEventLog(port);
const answer: SnapshotWorkerAnswer = await writeSnapshotOf(log, limits);
await log.close();
// eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(answer);
port.close();
