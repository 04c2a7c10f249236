import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commandLine, isRunning, killProcesses, markProcess } from "./processes.ts";

describe("marks of processes", () => {
  it("know this process, and no process that never was", () => {
    const mark = markProcess(process.pid);
    expect(mark === undefined ? false : isRunning(mark)).toBe(true);
    expect(markProcess(2 ** 22 + 1)).toBeUndefined();
    expect(commandLine(process.pid)).toContain("node");
  });

  it("end the process they mark and no other of the same number", async () => {
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: "pipe" });
    const mark = markProcess(child.pid ?? 0);
    if (mark === undefined) {
      throw new Error("the child does not run");
    }
    expect(await killProcesses([{ ...mark, startTime: "another" }])).toBe(0);
    expect(isRunning(mark)).toBe(true);
    expect(await killProcesses([mark])).toBe(1);
    expect(isRunning(mark)).toBe(false);
  });
});
