import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { JobState } from "@ertis/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FakeHub, startFakeHub } from "./testing/fake-hub.ts";

const launcher = fileURLToPath(new URL("../bin/ertis", import.meta.url));

let hub: FakeHub;
let cache = "";

beforeAll(async () => {
  hub = await startFakeHub([JobState.RUNNING]);
  cache = mkdtempSync(join(tmpdir(), "ertis-launcher-"));
});

afterAll(async () => {
  await hub.close();
  rmSync(cache, { recursive: true });
});

const inRoot = fileURLToPath(new URL("../../../ertis", import.meta.url));

/** A Node on the PATH that cannot run the command line by itself, such as the machine's own. */
function findOldNode(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"];
  return folders
    .map((folder) => join(folder, "node"))
    .filter((node) => existsSync(node))
    .find((node) => {
      const version = execFileSync(node, ["--version"]).toString();
      return Number(/^v(\d+)\./.exec(version)?.[1]) < 24;
    });
}

interface Ran {
  readonly child: ChildProcess;
  readonly text: () => string;
  readonly end: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;
}

function start(node: string, argv: readonly string[], script: string = launcher): Ran {
  const child = spawn(node, [script, ...argv], {
    env: { PATH: "/nowhere", HOME: cache, XDG_CACHE_HOME: cache, ERTIS_ADDRESS: hub.address },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  const end = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) => {
    child.on("close", (code, signal) => resolve([code, signal]));
  });
  return { child, text: () => text, end };
}

const oldNode = findOldNode();

async function checkAnswers(node: string): Promise<void> {
  const version = start(node, ["--version"]);
  expect(await version.end).toEqual([0, null]);
  expect(version.text()).toBe("0.1.0\n");
  const job = start(node, ["job", "99"]);
  expect(await job.end).toEqual([3, null]);
  expect(job.text()).toContain("job is not known");
  const usage = start(node, ["jobs", "--state", "a b"]);
  expect(await usage.end).toEqual([2, null]);
  expect(usage.text()).toContain("--state a b");
}

async function checkSignals(node: string): Promise<void> {
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    const watch = start(node, ["watch", "2000"]);
    await expect.poll(watch.text, { timeout: 20_000 }).toContain("job 2000 running");
    watch.child.kill(signal);
    expect(await watch.end).toEqual([code, null]);
    expect(watch.text()).toContain("the job goes on; to stop: ertis cancel 2000");
  }
}

test("the Node that fits prints, and passes words, exit codes and signals on", async () => {
  await checkAnswers(process.execPath);
  await checkSignals(process.execPath);
});

test("the one in the root of the checkout, which documents name, is the same", async () => {
  const version = start(process.execPath, ["--version"], inRoot);
  expect(await version.end).toEqual([0, null]);
  expect(version.text()).toBe("0.1.0\n");
});

test("an older Node finds the one that npm installed and passes on the same", async (context) => {
  if (oldNode === undefined) {
    context.skip("there is no older Node on this machine");
    return;
  }
  await checkAnswers(oldNode);
  await checkSignals(oldNode);
});

test("where there is no Node that fits, a sentence says what to do", async (context) => {
  if (oldNode === undefined) {
    context.skip("there is no older Node on this machine");
    return;
  }
  const lonely = join(cache, "lonely");
  copyFileSync(launcher, lonely);
  const ran = start(oldNode, ["jobs"], lonely);
  expect(await ran.end).toEqual([1, null]);
  expect(ran.text()).toMatch(/^ertis: needs Node 24\.12 or newer, and this is v\d+.*"npm ci"/);
});
