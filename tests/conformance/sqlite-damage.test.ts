import { execFile } from "node:child_process";
import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

import { chunksOf, collect, textsOf } from "./event-log-model.ts";
import { tamper, useLogDirectory, withLog, writeTenRows } from "./sqlite-support.ts";

const run = promisify(execFile);

const place = useLogDirectory();

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
    await writeTenRows(place.directory);
    tamper(place.file, sql);
    await expect(withLog(place.directory, (log) => collect(log.read(0)))).rejects.toMatchObject({
      kind: "log-corrupt",
      sequence,
      message: expect.stringContaining(`row ${String(sequence)}`) as unknown,
    });
    // Rows after the damage that do not depend on it can still be read.
    if (sequence === 5) {
      expect(await withLog(place.directory, (log) => collect(log.read(8)))).toHaveLength(2);
    }
  });

  test("one flipped bit on the disk", async () => {
    await writeTenRows(place.directory);
    const bytes = await readFile(place.file);
    const at = bytes.indexOf("row-7");
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(place.file, bytes);
    await expect(withLog(place.directory, textsOf)).rejects.toMatchObject({
      kind: "log-corrupt",
      sequence: 7,
    });
  });

  test("a snapshot chunk", async () => {
    await withLog(place.directory, async (log) => {
      await log.append(["a"], 0);
      await log.writeSnapshot(1, chunksOf("one", "two"));
    });
    tamper(place.file, "UPDATE snapshot_chunk SET chunk = 'tow' WHERE position = 1");
    await withLog(place.directory, async (log) => {
      const snapshot = await log.latestSnapshot();
      await expect(collect(snapshot?.chunks() ?? [])).rejects.toThrow("chunk 1");
    });
  });

  test("rows lost from the end are noticed by the snapshot that stands for them", async () => {
    await withLog(place.directory, async (log) => {
      await log.append(["a", "b", "c"], 0);
      await log.writeSnapshot(3, chunksOf("all"));
    });
    tamper(place.file, "DELETE FROM entry WHERE sequence = 3");
    await expect(withLog(place.directory, textsOf)).rejects.toMatchObject({
      kind: "log-corrupt",
      sequence: 3,
    });
  });
});

describe("a torn end of the write-ahead log", () => {
  /** Ten commits, copied while the log is open as a crash would leave them. */
  async function crashCopy(): Promise<string> {
    const copy = join(place.base, "copy");
    await withLog(place.directory, async (log) => {
      for (let sequence = 0; sequence < 10; sequence += 1) {
        await log.append([`row-${String(sequence + 1)}`], sequence);
      }
      // By another process: closing the file in this one would drop the log's lock.
      await run("cp", ["-r", place.directory, copy]);
    });
    return copy;
  }

  test("without damage every commit is there", async () => {
    expect(await withLog(await crashCopy(), textsOf)).toHaveLength(10);
  });

  test("cut short: the commit that was being written is gone, whole, and the log goes on", async () => {
    const copy = await crashCopy();
    const wal = join(copy, "log.db-wal");
    await truncate(wal, (await stat(wal)).size - 10);
    await withLog(copy, async (log) => {
      expect(await log.range()).toEqual({ first: 1, last: 9 });
      expect(await log.append(["again"], 9)).toEqual({ kind: "appended", sequence: 10 });
      expect((await textsOf(log)).at(-1)).toBe("again");
    });
  });

  test("garbage in its last frame: the same", async () => {
    const copy = await crashCopy();
    const wal = join(copy, "log.db-wal");
    const bytes = await readFile(wal);
    bytes.fill(0xa5, bytes.length - 4_000, bytes.length - 3_000);
    await writeFile(wal, bytes);
    expect(await withLog(copy, textsOf)).toHaveLength(9);
  });
});
