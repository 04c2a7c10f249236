import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { afterEach, beforeEach, expect, test } from "vitest";

import { databaseFile } from "./database.ts";
import { LogServer } from "./log-server.ts";
import type { RequestOf } from "./protocol.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ertis-log-server-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function open(): LogServer {
  return new LogServer({ directory, lockWaitMs: 0, synchronous: "FULL" });
}

function asked(payloads: readonly string[], expectedSequence: number): RequestOf<"append"> {
  return { id: 0, kind: "append", ask: { payloads, expectedSequence } };
}

function tidyUp(log: LogServer): number {
  let count = 0;
  for (; log.isUntidy(); count += 1) {
    log.tidy();
  }
  return count;
}

function writeSnapshot(log: LogServer, sequence: number, chunks: readonly string[]): void {
  const snapshotId = log.beginSnapshot(sequence);
  for (const chunk of chunks) {
    log.writeChunk(snapshotId, chunk);
  }
  log.completeSnapshot(snapshotId);
}

/** Looks into, or changes, the closed database. */
function inDatabase<Result>(work: (database: DatabaseSync) => Result): Result {
  const database = new DatabaseSync(databaseFile(directory));
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function countOf(table: string): unknown {
  return inDatabase(
    (database) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"],
  );
}

test("a trim counts at once; its rows and snapshots are removed bit by bit, also after a restart", () => {
  const log = open();
  log.append([
    asked(
      Array.from({ length: 100 }, () => "row"),
      0,
    ),
  ]);
  writeSnapshot(log, 50, ["old", "older"]);
  writeSnapshot(log, 90, ["new"]);
  log.trim(80);
  expect(log.range()).toEqual({ first: 81, last: 100 });
  log.close();
  expect([countOf("entry"), countOf("snapshot_chunk")]).toEqual([100, 3]);

  const again = open();
  expect(again.range()).toEqual({ first: 81, last: 100 });
  expect(again.latestSnapshot()?.sequence).toBe(90);
  tidyUp(again);
  expect(again.range()).toEqual({ first: 81, last: 100 });
  expect(again.read(80).payloads).toHaveLength(20);
  again.close();
  expect([countOf("entry"), countOf("snapshot_chunk"), countOf("snapshot")]).toEqual([20, 1, 1]);
});

test("a snapshot that a crash cut off is never seen and is removed", () => {
  const log = open();
  log.append([asked(["a", "b"], 0)]);
  writeSnapshot(log, 1, ["whole"]);
  log.writeChunk(log.beginSnapshot(2), "half");
  // Its writer is still at work: not garbage yet.
  tidyUp(log);
  log.close();
  expect(countOf("snapshot")).toBe(2);

  const again = open();
  expect(again.latestSnapshot()?.sequence).toBe(1);
  tidyUp(again);
  again.close();
  expect([countOf("snapshot"), countOf("snapshot_chunk")]).toEqual([1, 1]);
});

test("the write-ahead log stays small while the log grows", () => {
  const log = open();
  const payload = "x".repeat(100_000);
  for (let sequence = 0; sequence < 200; sequence += 1) {
    log.append([asked([payload], sequence)]);
    tidyUp(log);
  }
  expect(statSync(`${databaseFile(directory)}-wal`).size).toBeLessThan(6_000_000);
  log.close();
});

test("a commit that fails keeps none of its appends, and every later write is refused", () => {
  open().close();
  inDatabase((database) => {
    database.exec(
      "CREATE TRIGGER planted BEFORE INSERT ON entry WHEN new.payload = 'poison' BEGIN SELECT RAISE(ABORT, 'planted failure'); END",
    );
  });
  const log = open();
  log.append([asked(["kept"], 0)]);
  const results = log.append([
    asked(["lost"], 1),
    asked(["lost", "poison"], 2),
    asked(["lost"], 4),
  ]);
  for (const result of results) {
    expect(result).toMatchObject({
      kind: "error",
      error: { kind: "log-failed", message: expect.stringContaining("planted failure") as unknown },
    });
  }
  expect(log.append([asked(["late"], 1)])).toMatchObject([
    { kind: "error", error: { kind: "log-closed", cause: { kind: "log-failed" } } },
  ]);
  expect(() => log.trim(1)).toThrow("an earlier write failed");
  expect(() => log.beginSnapshot(1)).toThrow("an earlier write failed");
  expect(log.read(0).payloads).toEqual(["kept"]);
  expect(log.isUntidy()).toBe(false);
  log.close();

  const again = open();
  expect(again.append([asked(["on"], 1)])).toMatchObject([{ answer: { sequence: 2 } }]);
  again.close();
});

test("a failure of work that nobody waited for is told to the next write", () => {
  open().close();
  inDatabase((database) => {
    database.exec(
      "CREATE TRIGGER planted BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'planted failure'); END",
    );
  });
  const log = open();
  log.append([asked(["a", "b"], 0)]);
  writeSnapshot(log, 1, []);
  log.trim(1);
  tidyUp(log);
  expect(log.append([asked(["c"], 2)])).toMatchObject([
    { kind: "error", error: { kind: "log-failed" } },
  ]);
  expect(log.append([asked(["c"], 2)])).toMatchObject([
    { kind: "error", error: { kind: "log-closed" } },
  ]);
  log.close();
});

test("a database without its beginning is corrupt, not a loop", () => {
  const log = open();
  log.append([asked(["a"], 0)]);
  log.close();
  inDatabase((database) => {
    database.exec("DELETE FROM beginning");
  });
  expect(open).toThrow("where the log begins");
});
