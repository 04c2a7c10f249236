import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { endProcess } from "./end-process.ts";
import { isSameProcess, processTable } from "./process-table.ts";

test("knows this process, its program, when it began and what it was given", () => {
  const found = processTable.find(process.pid);
  expect(found?.program).toMatch(/^node/);
  expect(found?.parentPid).toBe(process.ppid);
  const beganMs = Date.now() - process.uptime() * 1000;
  expect(Math.abs((found?.startedAt.getTime() ?? 0) - beganMs)).toBeLessThan(3_000);
  expect(processTable.list().map(({ pid }) => pid)).toContain(process.pid);
});

test("a process id alone is no identity", () => {
  const found = processTable.find(process.pid);
  expect(isSameProcess(found, found?.startedAt ?? new Date(0))).toBe(true);
  expect(isSameProcess(found, new Date(0))).toBe(false);
  expect(isSameProcess(undefined, new Date())).toBe(false);
});

test("ends a process, also one that does not listen, and leaves one that took its number", async () => {
  const deaf =
    'process.on("SIGTERM", () => {}); process.stdout.write("up"); setInterval(() => {}, 1000)';
  const child = spawn(process.execPath, ["-e", deaf], {
    env: { ...process.env, ERTIS_TEST_MARK: "marked" },
  });
  await once(child.stdout, "data");
  const found = processTable.find(child.pid ?? 0);
  expect(processTable.environment(child.pid ?? 0).get("ERTIS_TEST_MARK")).toBe("marked");
  if (found === undefined) {
    throw new Error("the child is not in the process table");
  }
  // The same number with another time of birth is somebody else: nothing is sent.
  await expect(endProcess({ ...found, startedAt: new Date(0) })).resolves.toBe(true);
  expect(processTable.find(found.pid)).toBeDefined();
  await expect(endProcess(found)).resolves.toBe(true);
  expect(processTable.find(found.pid)).toBeUndefined();
});
