import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { openSqliteEventLog } from "@ertis/event-log";
import type { SqliteEventLog } from "@ertis/event-log";
import { afterEach, beforeEach } from "vitest";

/** Where a test keeps its log; the folder around it is removed afterwards. */
export interface LogDirectory {
  /** Holds `directory` and whatever else the test makes. */
  base: string;
  directory: string;
  /** The database in `directory`. */
  file: string;
}

/** A fresh place for each test of the file that calls it. */
export function useLogDirectory(): Readonly<LogDirectory> {
  const place: LogDirectory = { base: "", directory: "", file: "" };
  beforeEach(async () => {
    place.base = await mkdtemp(join(tmpdir(), "ertis-sqlite-"));
    place.directory = join(place.base, "log");
    place.file = join(place.directory, "log.db");
  });
  afterEach(async () => {
    await rm(place.base, { recursive: true, force: true });
  });
  return place;
}

/** Runs some work on the log and closes it whatever happens. */
export async function withLog<Result>(
  directory: string,
  work: (log: SqliteEventLog) => Promise<Result>,
): Promise<Result> {
  const log = await openSqliteEventLog({ directory, lockWaitMs: 50 });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** Changes a closed database behind the log's back. */
export function tamper(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

export async function writeTenRows(directory: string): Promise<void> {
  const payloads = Array.from({ length: 10 }, (_, index) => `row-${String(index + 1)}`);
  await withLog(directory, (log) => log.append(payloads, 0));
}
