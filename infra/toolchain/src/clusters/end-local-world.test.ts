import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isRunning, markProcess, type ProcessMark } from "../programs/processes.ts";
import { down } from "./commands.ts";

let stateDirectory = "";
const started: ProcessMark[] = [];

beforeEach(() => {
  stateDirectory = mkdtempSync(join(tmpdir(), "ertis-end-world-"));
  vi.stubEnv("ERTIS_STATE_DIR", stateDirectory);
});

afterEach(() => {
  vi.unstubAllEnvs();
  for (const mark of started.splice(0)) {
    if (isRunning(mark)) {
      process.kill(mark.pid, "SIGKILL");
    }
  }
  rmSync(stateDirectory, { recursive: true, force: true });
});

/** A process that runs until it is ended. */
async function startProcess(): Promise<ProcessMark> {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  await once(child, "spawn");
  const mark = markProcess(child.pid ?? 0);
  if (mark === undefined) {
    throw new Error("the process did not start");
  }
  started.push(mark);
  return mark;
}

function write(record: ProcessMark): void {
  writeFileSync(join(stateDirectory, "local-world.json"), JSON.stringify(record));
}

async function linesOfDown(...names: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  await down(names, (line) => lines.push(line));
  return lines;
}

test("down ends local-world with the clusters it plays on", async () => {
  const world = await startProcess();
  write(world);
  expect(await linesOfDown()).toEqual([
    `local-world (${world.pid}) has ended`,
    "No local cluster is up",
  ]);
  expect(isRunning(world)).toBe(false);
  expect(await linesOfDown()).toEqual(["No local cluster is up"]);
});

test("down of one hall leaves it to the other clusters; of management it does not", async () => {
  const world = await startProcess();
  write(world);
  await linesOfDown("pavlodar-hub-s1-h1");
  expect(isRunning(world)).toBe(true);
  await linesOfDown("management");
  expect(isRunning(world)).toBe(false);
});

test("another process that has its id by now is left alone", async () => {
  const other = await startProcess();
  write({ ...other, startTime: `${other.startTime}0` });
  expect(await linesOfDown()).toEqual(["No local cluster is up"]);
  expect(isRunning(other)).toBe(true);
});
