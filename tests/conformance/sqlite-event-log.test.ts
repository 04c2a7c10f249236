import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";

import { attachSqliteEventLog, openSqliteEventLog } from "@ertis/event-log";
import { describe, expect, test } from "vitest";

import { chunksOf, collect, textsOf } from "./event-log-model.ts";
import { AppendingChild, brokenPromises } from "./killed-child.ts";
import { missingForMounts } from "./mounts.ts";
import { tamper, useLogDirectory, withLog, writeTenRows } from "./sqlite-support.ts";

const run = promisify(execFile);

const place = useLogDirectory();

describe("files", () => {
  test("are for their owner only, and none but the database stays after close", async () => {
    await withLog(place.directory, async (log) => {
      await log.append(["a"], 0);
      for (const name of await readdir(place.directory)) {
        expect((await stat(join(place.directory, name))).mode & 0o777, name).toBe(0o600);
      }
      expect((await stat(place.directory)).mode & 0o777).toBe(0o700);
    });
    expect(await readdir(place.directory)).toEqual(["log.db"]);
  });

  test("a directory that is a file is refused by name", async () => {
    await writeFile(place.directory, "not a directory");
    await expect(withLog(place.directory, textsOf)).rejects.toMatchObject({
      kind: "log-failed",
      message: expect.stringContaining(place.file) as unknown,
    });
  });

  test.each(["text", "another program's database"])(
    "%s is refused and left alone",
    async (what) => {
      await withLog(place.directory, textsOf);
      await rm(place.file);
      if (what === "text") {
        await writeFile(place.file, "hello ".repeat(1_000));
      } else {
        tamper(place.file, "CREATE TABLE notes (note)");
      }
      const before = await readFile(place.file);
      await expect(withLog(place.directory, textsOf)).rejects.toMatchObject({
        kind: "log-corrupt",
      });
      expect(await readFile(place.file)).toEqual(before);
    },
  );

  test("a log from a newer version is refused, and not touched", async () => {
    await writeTenRows(place.directory);
    tamper(place.file, "PRAGMA user_version = 3");
    await expect(withLog(place.directory, textsOf)).rejects.toMatchObject({
      kind: "log-from-newer-version",
      foundFormat: 3,
      supportedFormat: 1,
      message: expect.stringMatching(/written by format 3, this program reads up to 1/) as unknown,
    });
    tamper(place.file, "PRAGMA user_version = 1");
    expect(await withLog(place.directory, textsOf)).toHaveLength(10);
  });
});

describe("several at once", () => {
  test("of two writers on two ports each sequence has one winner", async () => {
    await withLog(place.directory, async (log) => {
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
    await withLog(place.directory, async (log) => {
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
    const log = await openSqliteEventLog({ directory: place.directory });
    const other = await attachSqliteEventLog(await log.openPort());
    const asked = other.range().catch(() => "refused");
    await log.close();
    await asked;
    await expect(other.append(["late"], 0)).rejects.toMatchObject({ kind: "log-closed" });
  });

  test("a snapshot dropped while it is read says so", async () => {
    await withLog(place.directory, async (log) => {
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
      const child = new AppendingChild(place.directory, "FULL");
      try {
        await child.promises(count);
        const intruder = openSqliteEventLog({ directory: place.directory, lockWaitMs: 20 });
        await expect(intruder).rejects.toMatchObject({
          kind: "log-locked",
          message: expect.stringContaining("another server holds this log") as unknown,
        });
        child.pause();
        await expect(
          openSqliteEventLog({ directory: place.directory, lockWaitMs: 20 }),
        ).rejects.toThrow("another server");
      } finally {
        await child.kill();
      }
      const promises = await child.kill();
      await withLog(place.directory, async (log) => {
        expect(await brokenPromises(log, promises)).toEqual([]);
      });
    }
  });
});

const missing = missingForMounts("a full disk under the event log", ["mount", "umount"]);
describe.skipIf(missing !== undefined)(
  `a full disk${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    test("refuses the append and every later one, reads on, and loses nothing", async () => {
      const disk = join(place.base, "disk");
      await run("mkdir", [disk]);
      await run("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
      try {
        const at = join(disk, "log");
        const payload = "x".repeat(100_000);
        let acknowledged = 0;
        await withLog(at, async (log) => {
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
        });
        expect(acknowledged).toBeGreaterThan(5);
        await run("mount", ["-o", "remount,size=16m", disk]);
        await withLog(at, async (log) => {
          expect(await textsOf(log)).toHaveLength(acknowledged);
          expect(await log.append(["room"], acknowledged)).toMatchObject({ kind: "appended" });
        });
      } finally {
        await run("umount", [disk]);
      }
    });
  },
);
