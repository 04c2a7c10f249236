import { accessSync, constants } from "node:fs";
import { Worker } from "node:worker_threads";
import {
  LogCorrupt,
  LogFromNewerVersion,
  LogLocked,
  MemoryEventLog,
  MemoryLogStorage,
  openSqliteEventLog,
  type SqliteEventLog,
} from "@ertis/event-log";
import type { EngineLimits } from "@ertis/scheduler-engine";
import type { EventLog, SnapshotPolicy, WrittenSnapshot } from "@ertis/scheduler-runtime";
import type { SnapshotConfig } from "../config/server-config.ts";
import { fileInTheWay, makeDirectory } from "./make-directory.ts";
import { diskFullAdvice, isDiskFull, StartProblem } from "./problem.ts";
import type { SnapshotWorkerAnswer, SnapshotWorkerInput } from "./snapshot-worker.ts";

export interface OpenLog {
  readonly log: EventLog;
  /** Undefined where snapshots make no sense. */
  readonly snapshotPolicy: SnapshotPolicy | undefined;
}

/** Opens the log of a data directory, or one in memory. */
export async function openLog(
  dataDirectory: string | undefined,
  snapshots: SnapshotConfig,
  limits: EngineLimits,
): Promise<OpenLog> {
  if (dataDirectory === undefined) {
    return { log: new MemoryEventLog(new MemoryLogStorage()), snapshotPolicy: undefined };
  }
  try {
    prepareDirectory(dataDirectory);
  } catch (error) {
    throw asStartProblem(error, dataDirectory);
  }
  const log = await openOnDisk(dataDirectory);
  const make = (): Promise<WrittenSnapshot> => makeSnapshot(log, limits);
  return { log, snapshotPolicy: { ...snapshots, make } };
}

function prepareDirectory(directory: string): void {
  const file = fileInTheWay(directory);
  if (file !== undefined) {
    throw new StartProblem(
      "dataDirectory",
      `the data directory ${directory} cannot be used: ${file} is a file`,
      "name a directory with --data (npm start: ERTIS_DATA)",
    );
  }
  try {
    makeDirectory(directory);
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (isDiskFull(error)) {
      throw error;
    }
    throw new StartProblem(
      "dataDirectory",
      `the data directory ${directory} cannot be written to: ${reasonOf(error)}`,
      "choose another with --data (npm start: ERTIS_DATA), or give this user the right to write there",
      { cause: error },
    );
  }
}

async function openOnDisk(directory: string): Promise<SqliteEventLog> {
  try {
    return await openSqliteEventLog({ directory });
  } catch (error) {
    throw asStartProblem(error, directory);
  }
}

/** Which of the known failures of a log it is, with what to do. */
export function asStartProblem(error: unknown, directory: string): unknown {
  const cause = { cause: error };
  if (error instanceof LogLocked) {
    const advice = "end the other server first, or give this one its own directory with --data";
    return new StartProblem("logLocked", `${directory} is in use by another server`, advice, cause);
  }
  if (error instanceof LogCorrupt) {
    return new StartProblem(
      "logCorrupt",
      `the log in ${directory} is damaged: ${error.message}`,
      "do not delete anything; restore a copy, see docs/runbooks/scheduler-does-not-start.md",
      cause,
    );
  }
  if (error instanceof LogFromNewerVersion) {
    const advice = "start the newer version again, or use another data directory";
    return new StartProblem("logNewer", `the log in ${directory}: ${error.message}`, advice, cause);
  }
  if (!(error instanceof StartProblem) && isDiskFull(error)) {
    return new StartProblem("diskFull", `no space left for ${directory}`, diskFullAdvice, cause);
  }
  if (error instanceof Error && error.name === "UnreadableEntry") {
    const advice = "start the version that wrote it, see docs/runbooks/scheduler-does-not-start.md";
    return new StartProblem("logNewer", `the log in ${directory}: ${error.message}`, advice, cause);
  }
  return error;
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** In a thread of its own: reading back a long log would hold up every caller. */
async function makeSnapshot(log: SqliteEventLog, limits: EngineLimits): Promise<WrittenSnapshot> {
  const port = await log.openPort();
  const workerData: SnapshotWorkerInput = { port, limits };
  const worker = new Worker(new URL("snapshot-worker.ts", import.meta.url), {
    workerData,
    transferList: [port],
    name: "snapshot",
  });
  return new Promise((resolve, reject) => {
    worker.once("message", (answer: SnapshotWorkerAnswer) => resolve(answer));
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the snapshot thread ended with code ${code}`)));
  });
}
