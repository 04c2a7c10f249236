import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";

import { LogClosed, LogFailed } from "../errors.ts";
import { LogClient } from "./client.ts";
import type { DatabaseOptions } from "./database.ts";
import { SqliteEventLog } from "./sqlite-event-log.ts";
import type { WorkerInput } from "./worker.ts";

export interface SqliteEventLogOptions {
  /** Holds `log.db` and its companions; made, for the owner only, when it does not exist. */
  readonly directory: string;
  /** How long to wait for another server to let go of the log; 1,000 when left out. */
  readonly lockWaitMs?: number;
}

/**
 * Opens the log of a directory, or makes it. Holds the log's lock until closed or killed.
 *
 * @throws LogLocked, LogFromNewerVersion, LogCorrupt, LogDiskFull or LogFailed
 */
export function openSqliteEventLog(options: SqliteEventLogOptions): Promise<SqliteEventLog> {
  return startWorker({
    directory: options.directory,
    lockWaitMs: options.lockWaitMs ?? 1_000,
    synchronous: "FULL",
  });
}

/** Product code calls {@link openSqliteEventLog}; this one lets a test weaken the commit. */
export async function startWorker(database: DatabaseOptions): Promise<SqliteEventLog> {
  const { port1, port2 } = new MessageChannel();
  const workerData: WorkerInput = { database, port: port2 };
  const worker = new Worker(new URL("worker.ts", import.meta.url), {
    workerData,
    transferList: [port2],
    name: "event-log",
  });
  const client = new LogClient(port1);
  const exited = once(worker, "exit").catch(() => {});
  worker.on("error", (error) => {
    client.fail(new LogFailed("the log's worker thread died; start again", { cause: error }));
  });
  const end = async (): Promise<void> => {
    try {
      await client.ask("close", {});
    } finally {
      client.fail(new LogClosed("the log was closed"));
      await exited;
    }
  };
  try {
    await client.ready();
  } catch (error) {
    await exited;
    throw error;
  }
  return new SqliteEventLog(client, end);
}
