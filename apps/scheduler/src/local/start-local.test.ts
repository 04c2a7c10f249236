import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createClient } from "@ertis/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exitCodes } from "../start/problem.ts";

const program = join(import.meta.dirname, "..", "start-local.ts");
let directory: string;
const servers: ChildProcess[] = [];

beforeAll(() => {
  // Sockets have short paths: not below the long temporary folders of some systems.
  directory = mkdtempSync("/tmp/ertis-local-");
});

afterAll(async () => {
  // A test that failed in the middle leaves its server behind, and nobody else would end it.
  for (const server of servers.filter((one) => one.exitCode === null && one.signalCode === null)) {
    server.kill("SIGKILL");
    await once(server, "exit");
  }
  await once(run("stop"), "exit");
  rmSync(directory, { recursive: true, force: true });
});

function run(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ERTIS_DATA: directory, ERTIS_PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  servers.push(child);
  return child;
}

/** What a program says until a pattern comes up. */
function saidUntil(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (pattern.test(said)) {
        resolve(said);
      }
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", (code) => reject(new Error(`ended with ${code} after:\n${said}`)));
  });
}

async function endInOrder(child: ChildProcess): Promise<number | null> {
  const exited = once(child, "exit");
  child.kill("SIGINT");
  const [code] = (await exited) as [number | null];
  return code;
}

async function jobCount(): Promise<number> {
  const context = JSON.parse(readFileSync(join(directory, "context.json"), "utf8")) as {
    readonly address: string;
    readonly token: string;
  };
  const client = createClient(context);
  const ids: string[] = [];
  for await (const { id } of client.jobs()) {
    ids.push(id);
  }
  client.close();
  return ids.length;
}

const launcher = join(import.meta.dirname, "../../../cli/bin/ertis");

/** The command line as somebody types it, read by a shell; the hub's context is the nearest one. */
async function type(line: string): Promise<string> {
  const folder = join(directory, "desk");
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, ".ertis"))) {
    symlinkSync(directory, join(folder, ".ertis"));
  }
  const command = line.replace(/^(\.\/)?ertis/, `"${process.execPath}" "${launcher}"`);
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, problem, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number]>,
  ]);
  expect({ line, code, problem }).toMatchObject({ line, code: 0 });
  return out;
}

/** What the welcome and the help of the command line tell people to try has to work as it stands. */
async function runExamples(welcome: string): Promise<void> {
  const shown = [...welcome.matchAll(/^ {2}(\.\/ertis .*?)(?: {2,}|$)/gm)].map(([, line]) => line);
  expect(shown).toEqual([
    "./ertis jobs",
    "./ertis why 10",
    "./ertis power",
    "./ertis --as operator nodes",
  ]);
  for (const line of shown) {
    await type(line ?? "");
  }
  const help = await type("ertis --help");
  const example = /^ {2}(ertis submit .*)$/m.exec(help)?.[1] ?? "";
  expect(example).toContain("--wrap");
  expect(await type(example)).toMatch(/^submitted job \d+ \(sleep\)\n$/);
}

/** The runbook shows what was typed on a fresh hub: all of it has to go as it stands there. */
async function runRunbook(): Promise<void> {
  const file = join(import.meta.dirname, "../../../../docs/runbooks/curtailment.md");
  const lines = [...readFileSync(file, "utf8").matchAll(/^\$ (ertis .*)$/gm)].map(
    ([, line]) => line,
  );
  const said: string[] = [];
  for (const line of lines) {
    said.push(await type(line ?? ""));
  }
  const all = said.join("");
  expect(all).toContain("can be kept");
  expect(all).toContain("submitted job 35 (bend-2)");
  expect(all).toMatch(/ai-data-center\/substation-1\/hall-1\/row-3\/rack-01\/node-1/);
  expect(all).toContain("curtailment peak scheduled");
}

test("a hub starts with jobs, keeps them over a restart, and starts over when asked", async () => {
  const first = run();
  const welcome = await saidUntil(first, /GPUs, /);
  expect(welcome).toMatch(/serving on 127\.0\.0\.1:\d+/);
  expect(welcome).toContain("./ertis why 10");
  const count = await jobCount();
  expect(count).toBeGreaterThan(20);
  await runRunbook();
  await runExamples(welcome);
  for (const file of ["context.json", "contexts/operator.json", "contexts/viewer.json"]) {
    expect(statSync(join(directory, file)).mode & 0o077).toBe(0);
  }
  expect(await endInOrder(first)).toBe(0);

  const second = run();
  expect(await saidUntil(second, /GPUs, /)).toContain("cluster process found");
  expect(await jobCount()).toBe(count + 2);
  const refused = run("--fresh");
  const [problem, [code]] = await Promise.all([
    errorsOf(refused),
    once(refused, "exit") as Promise<[number]>,
  ]);
  expect(problem).toContain("in use by another server");
  expect(code).toBe(exitCodes.logLocked);
  expect(await jobCount()).toBe(count + 2);
  expect(await endInOrder(second)).toBe(0);

  const fresh = run("--fresh");
  expect(await saidUntil(fresh, /GPUs, /)).toContain("cluster process started");
  expect(await jobCount()).toBe(count);
  expect(await endInOrder(fresh)).toBe(0);
});

test("a busy port and a wrong word are one sentence and an exit code", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  const port = typeof address === "object" ? `${address?.port}` : "";
  const [busy, [busyCode]] = await sayAndEnd(run("--port", port));
  expect(busy).toMatch(/^error: 127\.0\.0\.1:\d+ is in use\n {2}→ .*ERTIS_PORT/);
  expect(busyCode).toBe(exitCodes.addressInUse);
  taken.close();
  const [wrong, [wrongCode]] = await sayAndEnd(run("begin"));
  expect(wrong).toContain('"begin" is not known');
  expect(wrongCode).toBe(exitCodes.usage);
});

function sayAndEnd(child: ChildProcess): Promise<[string, [number]]> {
  return Promise.all([errorsOf(child), once(child, "exit") as Promise<[number]>]);
}

function errorsOf(child: ChildProcess): Promise<string> {
  return child.stderr === null ? Promise.resolve("") : text(child.stderr);
}
