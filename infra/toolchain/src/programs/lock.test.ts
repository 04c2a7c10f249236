import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "./lock.ts";
import { markProcess } from "./processes.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ertis-lock-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function holdAs(holder: unknown, turn: number): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `turn-${turn}`), JSON.stringify({ holder }));
}

describe("a lock", () => {
  it("lets one in at a time", async () => {
    let insideCount = 0;
    let mostInsideCount = 0;
    let doneCount = 0;
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        await withLock(directory, {}, async () => {
          insideCount += 1;
          mostInsideCount = Math.max(mostInsideCount, insideCount);
          await new Promise(setImmediate);
          insideCount -= 1;
          doneCount += 1;
        });
      }),
    );
    expect({ mostInsideCount, doneCount }).toEqual({ mostInsideCount: 1, doneCount: 5 });
  });

  it("is free again after work that failed", async () => {
    await expect(
      withLock(directory, {}, async () => {
        throw new Error("the build failed");
      }),
    ).rejects.toThrow("the build failed");
    expect(await withLock(directory, {}, async () => "in")).toBe("in");
  });

  it("is not held by a process that has died", async () => {
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: "pipe" });
    const mark = markProcess(child.pid ?? 0);
    expect(mark).toBeDefined();
    child.kill("SIGKILL");
    await once(child, "exit");
    holdAs(mark, 7);
    expect(await withLock(directory, {}, async () => "in")).toBe("in");
  });

  it("is not held by another process that got the number of the dead one", async () => {
    holdAs({ pid: process.pid, startTime: "a start long ago" }, 3);
    expect(await withLock(directory, {}, async () => "in")).toBe("in");
  });

  it("is held by a process that lives, and says by which", async () => {
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: "pipe" });
    holdAs(markProcess(child.pid ?? 0), 1);
    const waitedFor: number[] = [];
    let isIn = false;
    const entered = withLock(
      directory,
      {
        onWait: (pid) => {
          waitedFor.push(pid);
          // It says so while it waits; only now does the holder end.
          expect(isIn).toBe(false);
          child.kill("SIGKILL");
        },
      },
      async () => {
        isIn = true;
      },
    );
    await entered;
    expect(waitedFor).toEqual([child.pid]);
  });

  it("leaves one small file behind, however often it was taken", async () => {
    for (let turn = 0; turn < 4; turn += 1) {
      await withLock(directory, {}, async () => undefined);
    }
    expect(readdirSync(directory)).toEqual(["turn-4"]);
  });
});
