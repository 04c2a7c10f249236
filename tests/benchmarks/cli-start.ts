import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GetServerInfoResponse, Job, JobSpec, JobState, ListJobsResponse } from "@ertis/api";
import { startFakeServer } from "@ertis/client/testing";

import type { Line } from "./benchmark.ts";
import { spreadOf, spreadText } from "./figures.ts";

const launcher = fileURLToPath(new URL("../../apps/cli/bin/ertis", import.meta.url));
const runCount = 20;

/** Older than the command line can run on: the launcher has to start another one. */
const olderNode = "/usr/bin/node";

const jobs = Array.from({ length: 100 }, (_, index) =>
  Job.fromPartial({
    id: `${1_000 - index}`,
    owner: "aigerim",
    state: JobState.RUNNING,
    spec: JobSpec.fromPartial({
      project: "nlp",
      name: `job-${index}`,
      nodeCount: 1,
      gpusPerNode: 8,
    }),
  }),
);

interface Wait {
  readonly firstOutputMs: number;
  readonly endMs: number;
}

async function measure(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Wait> {
  const [program = "", ...args] = argv;
  const beginMs = performance.now();
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let firstOutputMs = Number.NaN;
  child.stdout.once("data", () => {
    firstOutputMs = performance.now() - beginMs;
  });
  child.stdout.resume();
  const code = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  const endMs = performance.now() - beginMs;
  if (code !== 0) {
    throw new Error(`${argv.join(" ")} ended with ${code}`);
  }
  return { firstOutputMs: Number.isNaN(firstOutputMs) ? endMs : firstOutputMs, endMs };
}

async function measureCase(
  name: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Line> {
  const cold = await measure(argv, env);
  const waits: Wait[] = [];
  for (let run = 0; run < runCount; run += 1) {
    waits.push(await measure(argv, env));
  }
  const firstOutputMs = spreadOf(waits.map((wait) => wait.firstOutputMs));
  const endMs = spreadOf(waits.map((wait) => wait.endMs));
  return {
    name,
    text: [
      `first output ${spreadText(firstOutputMs)} of ${runCount}; before them, once: ${cold.firstOutputMs.toFixed(0)} ms`,
      `end          ${spreadText(endMs)}`,
    ],
    figures: { firstOutputMs, endMs, coldFirstOutputMs: cold.firstOutputMs },
  };
}

function toCases(): readonly (readonly [string, readonly string[]])[] {
  const older = spawnSync(olderNode, ["--version"], { encoding: "utf8" });
  const isOlder = older.status === 0 && !older.stdout.startsWith("v24.");
  const cases: (readonly [string, readonly string[]])[] = [
    ["node alone, an empty program", [process.execPath, "-e", ""]],
    ["ertis --help", [process.execPath, launcher, "--help"]],
    ["ertis jobs, 100 of them", [process.execPath, launcher, "jobs"]],
  ];
  if (isOlder) {
    const version = older.stdout.trim();
    cases.push(
      [`node ${version} alone, an empty program`, [olderNode, "-e", ""]],
      [`ertis --help, launched by node ${version}`, [olderNode, launcher, "--help"]],
      [`ertis jobs, launched by node ${version}`, [olderNode, launcher, "jobs"]],
    );
  }
  return cases;
}

/** What a command costs a person, from start to first output and to the end, on a compile cache of its own. */
export async function cliStart(): Promise<readonly Line[]> {
  const server = await startFakeServer({
    unary: {
      listJobs: () => ListJobsResponse.fromPartial({ jobs }),
      getServerInfo: () => GetServerInfoResponse.fromPartial({ version: "0.1.0", nowTimeMs: 1 }),
    },
  });
  const cache = mkdtempSync(join(tmpdir(), "ertis-cli-start-"));
  const env = { PATH: process.env["PATH"], XDG_CACHE_HOME: cache, ERTIS_ADDRESS: server.address };
  try {
    const lines: Line[] = [];
    for (const [name, argv] of toCases()) {
      lines.push(await measureCase(name, argv, env));
    }
    return lines;
  } finally {
    await server.close();
    rmSync(cache, { recursive: true });
  }
}
