import { describe, expect, test } from "vitest";

import {
  LogClosed,
  LogCorrupt,
  LogDiskFull,
  LogFailed,
  LogFromNewerVersion,
  LogLocked,
  LogTrimmed,
} from "../errors.ts";
import { explainFailure, fromWire, isStoreFailure, toWire } from "./wire-error.ts";

const cause = Object.assign(new Error("the cause"), { code: "ERR_SQLITE_ERROR" });

describe("an error crosses threads as itself", () => {
  test.each([
    new LogLocked("locked", { cause }),
    new LogDiskFull("full", { cause }),
    new LogCorrupt("corrupt", 7, { cause }),
    new LogCorrupt("corrupt", undefined),
    new LogFromNewerVersion("newer", 3, 1),
    new LogTrimmed("trimmed", 12),
    new LogClosed("closed", { cause }),
    new LogFailed("failed"),
    new TypeError("not a payload"),
    new RangeError("not a sequence"),
  ])("$name", (error) => {
    const arrived = fromWire(structuredClone(toWire(error)));
    expect(arrived).toBeInstanceOf(error.constructor);
    expect(arrived).toEqual(error);
    expect(arrived.cause).toEqual(error.cause);
  });
});

describe("a failure of SQLite gets its class, and says what was attempted", () => {
  test.each([
    [5, LogLocked],
    [261, LogLocked],
    [6, LogLocked],
    [13, LogDiskFull],
    [11, LogCorrupt],
    [26, LogCorrupt],
    [10, LogFailed],
    [1, LogFailed],
  ])("result code %i", (errcode, wanted) => {
    const failure = Object.assign(new Error("sqlite says"), { errcode });
    const explained = explainFailure("append 3 rows to /data/log.db", failure);
    expect(explained).toBeInstanceOf(wanted);
    expect(explained.message).toContain("could not append 3 rows to /data/log.db: sqlite says");
    expect(explained.cause).toBe(failure);
  });
});

test("a refusal leaves the store usable, anything unknown does not", () => {
  expect(isStoreFailure(new RangeError("beyond the end"))).toBe(false);
  expect(isStoreFailure(new LogTrimmed("gone", 3))).toBe(false);
  expect(isStoreFailure(new Error("disk I/O error"))).toBe(true);
  expect(explainFailure("read", new RangeError("beyond the end"))).toBeInstanceOf(RangeError);
});
