import { expect, test } from "vitest";

import { LogClosed, LogDiskFull, LogFailed } from "./errors.ts";
import { MemoryEventLog, MemoryLogStorage } from "./memory.ts";

test("a failed append keeps nothing, and everything after it is refused until a reopen", async () => {
  const storage = new MemoryLogStorage();
  const log = new MemoryEventLog(storage);
  await log.append(["a"], 0);
  log.failNextAppend();
  await expect(log.append(["b"], 1)).rejects.toThrow(LogDiskFull);
  await expect(log.append(["b"], 1)).rejects.toThrow(LogClosed);
  await expect(log.trim(1)).rejects.toThrow(LogClosed);
  expect(await log.range()).toEqual({ first: 1, last: 1 });
  log.kill();
  const again = new MemoryEventLog(storage);
  expect(await again.append(["b"], 1)).toEqual({ kind: "appended", sequence: 2 });
});

test("an append whose answer is lost has kept its rows", async () => {
  const storage = new MemoryLogStorage();
  const log = new MemoryEventLog(storage);
  log.loseNextAnswer();
  await expect(log.append(["a", "b"], 0)).rejects.toThrow(LogFailed);
  log.kill();
  const again = new MemoryEventLog(storage);
  expect(await again.range()).toEqual({ first: 1, last: 2 });
  // Who lost the answer and tries again is told that the rows, or somebody else's, are there.
  expect(await again.append(["a", "b"], 0)).toMatchObject({ kind: "log-conflict" });
});

test("faults strike in the order they were asked for, and a conflict uses none up", async () => {
  const log = new MemoryEventLog();
  log.failNextAppend();
  expect(await log.append(["a"], 7)).toMatchObject({ kind: "log-conflict" });
  await expect(log.append(["a"], 0)).rejects.toThrow(LogDiskFull);
});
