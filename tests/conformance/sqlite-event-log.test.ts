import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";

import { attachSqliteEventLog, openSqliteEventLog } from "@ertis/event-log";
import type { SqliteEventLog } from "@ertis/event-log";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { chunksOf, collect, textsOf } from "./event-log-model.ts";
import { AppendingChild, brokenPromises } from "./killed-child.ts";
import { missingForMounts } from "./mounts.ts";

const run = promisify(execFile);

let base: string;
let directory: string;
let file: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "ertis-sqlite-"));
  directory = join(base, "log");
  file = join(directory, "log.db");
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

/** Runs some work on the log and closes it whatever happens. */
async function withLog<Result>(
  work: (log: SqliteEventLog) => Promise<Result>,
  at: string = directory,
): Promise<Result> {
  const log = await openSqliteEventLog({ directory: at, lockWaitMs: 50 });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** Changes the closed database behind the log's back. */
function tamper(sql: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

async function writeTenRows(): Promise<void> {
  await withLog((log) =>
    log.append(
      Array.from({ length: 10 }, (_, index) => `row-${String(index + 1)}`),
      0,
    ),
  );
}

describe("files", () => {
  test("are for their owner only, and none but the database stays after close", async () => {
    await withLog(async (log) => {
      await log.append(["a"], 0);
      for (const name of await readdir(directory)) {
        expect((await stat(join(directory, name))).mode & 0o777, name).toBe(0o600);
      }
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
    });
    expect(await readdir(directory)).toEqual(["log.db"]);
  });

  test("a directory that is a file is refused by name", async () => {
    await writeFile(directory, "not a directory");
    await expect(withLog(textsOf)).rejects.toMatchObject({
      kind: "log-failed",
      message: expect.stringContaining(file) as unknown,
    });
  });

  test.each(["text", "another program's database"])(
    "%s is refused and left alone",
    async (what) => {
      await withLog(textsOf);
      await rm(file);
      if (what === "text") {
        await writeFile(file, "hello ".repeat(1_000));
      } else {
        tamper("CREATE TABLE notes (note)");
      }
      const before = await readFile(file);
      await expect(withLog(textsOf)).rejects.toMatchObject({ kind: "log-corrupt" });
      expect(await readFile(file)).toEqual(before);
    },
  );

  test("a log from a newer version is refused, and not touched", async () => {
    await writeTenRows();
    tamper("PRAGMA user_version = 3");
    await expect(withLog(textsOf)).rejects.toMatchObject({
      kind: "log-from-newer-version",
      foundFormat: 3,
      supportedFormat: 1,
      message: expect.stringMatching(/written by format 3, this program reads up to 1/) as unknown,
    });
    tamper("PRAGMA user_version = 1");
    expect(await withLog(textsOf)).toHaveLength(10);
  });
});

describe("corruption is named by its row", () => {
  test.each([
    ["another payload", "UPDATE entry SET payload = 'row-X' WHERE sequence = 5", 5],
    ["a missing row", "DELETE FROM entry WHERE sequence = 5", 5],
    [
      "two rows that changed places, checksums and all",
      "UPDATE entry SET sequence = -5 WHERE sequence = 5; UPDATE entry SET sequence = 5 WHERE sequence = 6; UPDATE entry SET sequence = 6 WHERE sequence = -5",
      5,
    ],
    [
      "a doubled row",
      "INSERT INTO entry SELECT 11, checksum, payload FROM entry WHERE sequence = 10",
      11,
    ],
    ["another checksum", "UPDATE entry SET checksum = checksum + 1 WHERE sequence = 10", 10],
  ])("%s", async (_, sql, sequence) => {
    await writeTenRows();
    tamper(sql);
    await expect(withLog((log) => collect(log.read(0)))).rejects.toMatchObject({
      kind: "log-corrupt",
      sequence,
      message: expect.stringContaining(`row ${String(sequence)}`) as unknown,
    });
    // Rows after the damage that do not depend on it can still be read.
    if (sequence === 5) {
      expect(await withLog((log) => collect(log.read(8)))).toHaveLength(2);
    }
  });

  test("one flipped bit on the disk", async () => {
    await writeTenRows();
    const bytes = await readFile(file);
    const at = bytes.indexOf("row-7");
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(file, bytes);
    await expect(withLog(textsOf)).rejects.toMatchObject({ kind: "log-corrupt", sequence: 7 });
  });

  test("a snapshot chunk", async () => {
    await withLog(async (log) => {
      await log.append(["a"], 0);
      await log.writeSnapshot(1, chunksOf("one", "two"));
    });
    tamper("UPDATE snapshot_chunk SET chunk = 'tow' WHERE position = 1");
    await withLog(async (log) => {
      const snapshot = await log.latestSnapshot();
      await expect(collect(snapshot?.chunks() ?? [])).rejects.toThrow("chunk 1");
    });
  });

  test("rows lost from the end are noticed by the snapshot that stands for them", async () => {
    await withLog(async (log) => {
      await log.append(["a", "b", "c"], 0);
      await log.writeSnapshot(3, chunksOf("all"));
    });
    tamper("DELETE FROM entry WHERE sequence = 3");
    await expect(withLog(textsOf)).rejects.toMatchObject({ kind: "log-corrupt", sequence: 3 });
  });
});

describe("a torn end of the write-ahead log", () => {
  /** Ten commits, copied while the log is open as a crash would leave them. */
  async function crashCopy(): Promise<string> {
    const copy = join(base, "copy");
    await withLog(async (log) => {
      for (let sequence = 0; sequence < 10; sequence += 1) {
        await log.append([`row-${String(sequence + 1)}`], sequence);
      }
      // By another process: closing the file in this one would drop the log's lock.
      await run("cp", ["-r", directory, copy]);
    });
    return copy;
  }

  test("without damage every commit is there", async () => {
    expect(await withLog(textsOf, await crashCopy())).toHaveLength(10);
  });

  test("cut short: the commit that was being written is gone, whole, and the log goes on", async () => {
    const copy = await crashCopy();
    const wal = join(copy, "log.db-wal");
    await truncate(wal, (await stat(wal)).size - 10);
    await withLog(async (log) => {
      expect(await log.range()).toEqual({ first: 1, last: 9 });
      expect(await log.append(["again"], 9)).toEqual({ kind: "appended", sequence: 10 });
      expect((await textsOf(log)).at(-1)).toBe("again");
    }, copy);
  });

  test("garbage in its last frame: the same", async () => {
    const copy = await crashCopy();
    const wal = join(copy, "log.db-wal");
    const bytes = await readFile(wal);
    bytes.fill(0xa5, bytes.length - 4_000, bytes.length - 3_000);
    await writeFile(wal, bytes);
    expect(await withLog(textsOf, copy)).toHaveLength(9);
  });
});

describe("several at once", () => {
  test("of two writers on two ports each sequence has one winner", async () => {
    await withLog(async (log) => {
      const other = await attachSqliteEventLog(await log.openPort());
      for (let sequence = 0; sequence < 50; sequence += 1) {
        const outcomes = await Promise.all([
          log.append(["mine"], sequence),
          other.append(["theirs"], sequence),
        ]);
        expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(["appended", "log-conflict"]);
      }
      expect(await textsOf(other)).toHaveLength(50);
      await other.close();
      expect(await log.range()).toEqual({ first: 1, last: 50 });
    });
  });

  test("another thread reads the past and writes a snapshot while this one appends", async () => {
    await withLog(async (log) => {
      await log.append(
        Array.from({ length: 5_000 }, (_, index) => `row-${String(index + 1)}`),
        0,
      );
      const port = await log.openPort();
      const worker = new Worker(new URL("snapshot-in-thread.ts", import.meta.url), {
        workerData: port,
        transferList: [port],
      });
      const done = once(worker, "exit");
      for (let sequence = 5_000; sequence < 5_100; sequence += 1) {
        expect(await log.append(["more"], sequence)).toMatchObject({ kind: "appended" });
      }
      expect(await done).toEqual([0]);
      const snapshot = await log.latestSnapshot();
      expect(snapshot?.sequence).toBeGreaterThanOrEqual(5_000);
      expect(await collect(snapshot?.chunks() ?? [])).toEqual([
        `${String(snapshot?.sequence)} rows were read`,
      ]);
    });
  });

  test("what waits on another port when the log closes is told so", async () => {
    const log = await openSqliteEventLog({ directory });
    const other = await attachSqliteEventLog(await log.openPort());
    const asked = other.range().catch(() => "refused");
    await log.close();
    await asked;
    await expect(other.append(["late"], 0)).rejects.toMatchObject({ kind: "log-closed" });
  });

  test("a snapshot dropped while it is read says so", async () => {
    await withLog(async (log) => {
      await log.append(["a", "b"], 0);
      await log.writeSnapshot(1, chunksOf("x", "y", "z"));
      const chunks = (await log.latestSnapshot())?.chunks()[Symbol.asyncIterator]();
      await chunks?.next();
      await log.writeSnapshot(2, chunksOf("new"));
      await log.trim(2);
      const rest = async (): Promise<void> => {
        while ((await chunks?.next())?.done !== true) {
          // Reading on.
        }
      };
      await expect(rest()).rejects.toMatchObject({ kind: "log-trimmed" });
    });
  });
});

describe("a killed server", () => {
  test("loses nothing it acknowledged, leaves no lock, and kept others out while it lived", async () => {
    for (const count of [50, 1_300, 120]) {
      const child = new AppendingChild(directory, "FULL");
      try {
        await child.promises(count);
        const intruder = openSqliteEventLog({ directory, lockWaitMs: 20 });
        await expect(intruder).rejects.toMatchObject({
          kind: "log-locked",
          message: expect.stringContaining("another server holds this log") as unknown,
        });
        child.pause();
        await expect(openSqliteEventLog({ directory, lockWaitMs: 20 })).rejects.toThrow(
          "another server",
        );
      } finally {
        await child.kill();
      }
      const promises = await child.kill();
      await withLog(async (log) => {
        expect(await brokenPromises(log, promises)).toEqual([]);
      });
    }
  });
});

const missing = missingForMounts(["mount", "umount"]);
describe.skipIf(missing !== undefined)(
  `a full disk${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    test("refuses the append and every later one, reads on, and loses nothing", async () => {
      const disk = join(base, "disk");
      await run("mkdir", [disk]);
      await run("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
      try {
        const at = join(disk, "log");
        const payload = "x".repeat(100_000);
        let acknowledged = 0;
        await withLog(async (log) => {
          const fill = async (): Promise<void> => {
            for (;;) {
              await log.append([payload], acknowledged);
              acknowledged += 1;
            }
          };
          await expect(fill()).rejects.toMatchObject({
            kind: "log-disk-full",
            message: expect.stringContaining("free space on that file system") as unknown,
            cause: expect.any(Error) as unknown,
          });
          await expect(log.append(["tiny"], acknowledged)).rejects.toMatchObject({
            kind: "log-closed",
          });
          await expect(log.trim(1)).rejects.toMatchObject({ kind: "log-closed" });
          expect(await textsOf(log)).toHaveLength(acknowledged);
        }, at);
        expect(acknowledged).toBeGreaterThan(5);
        await run("mount", ["-o", "remount,size=16m", disk]);
        await withLog(async (log) => {
          expect(await textsOf(log)).toHaveLength(acknowledged);
          expect(await log.append(["room"], acknowledged)).toMatchObject({ kind: "appended" });
        }, at);
      } finally {
        await run("umount", [disk]);
      }
    });
  },
);
