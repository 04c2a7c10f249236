// How long a person waits for `ertis`: the launcher from start to end of output, median of many runs.
//
//   node tests/benchmarks/cli-start.ts [--runs 21] [--node /usr/bin/node] [--address 127.0.0.1:7070]
//
// `--node` starts the launcher with another Node than the first one in PATH. Without `--address` the listing is
// measured against a server of this process that answers 100 jobs.
import { spawn } from "node:child_process";
import { cpus, tmpdir } from "node:os";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { GetServerInfoResponse, Job, JobSpec, JobState, ListJobsResponse } from "@ertis/api";
import { startFakeServer } from "@ertis/client/testing";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "21" },
    node: { type: "string", default: "node" },
    address: { type: "string" },
  },
});

const launcher = fileURLToPath(new URL("../../apps/cli/bin/ertis", import.meta.url));

interface Run {
  readonly firstOutputMs: number;
  readonly endMs: number;
}

async function measure(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const beginMs = performance.now();
  const child = spawn(values.node, [launcher, ...argv], { env, stdio: ["ignore", "pipe", "pipe"] });
  let firstOutputMs = 0;
  let complaint = "";
  child.stdout.on("data", () => {
    firstOutputMs = firstOutputMs === 0 ? performance.now() - beginMs : firstOutputMs;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  if (code !== 0) {
    throw new Error(`ertis ${argv.join(" ")} ended with ${code}: ${complaint}`);
  }
  return { firstOutputMs, endMs: performance.now() - beginMs };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

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

const server = await startFakeServer({
  unary: {
    listJobs: () => ListJobsResponse.fromPartial({ jobs }),
    getServerInfo: () => GetServerInfoResponse.fromPartial({ version: "0.1.0", nowTimeMs: 1 }),
  },
});
const cache = mkdtempSync(join(tmpdir(), "ertis-cli-start-"));
const env = {
  ...process.env,
  NODE_COMPILE_CACHE: undefined,
  XDG_CACHE_HOME: cache,
  ERTIS_ADDRESS: values.address ?? server.address,
};
const limitMs = 300;
let isSlow = false;

console.log(`launcher on ${values.node}; ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`);
for (const argv of [["--help"], ["jobs"], ["power", "--help"]]) {
  const cold = await measure(argv, env);
  const runs: Run[] = [];
  for (let run = 0; run < Number(values.runs); run += 1) {
    runs.push(await measure(argv, env));
  }
  const firstMs = median(runs.map(({ firstOutputMs }) => firstOutputMs));
  const endMs = median(runs.map((run) => run.endMs));
  const slowestMs = Math.max(...runs.map(({ firstOutputMs }) => firstOutputMs));
  isSlow ||= firstMs > limitMs;
  console.log(
    `ertis ${argv.join(" ").padEnd(14)} first output ${firstMs.toFixed(0)} ms (slowest ${slowestMs.toFixed(0)}), ` +
      `end ${endMs.toFixed(0)} ms; cold cache ${cold.firstOutputMs.toFixed(0)} ms; ${runs.length} runs`,
  );
}
await server.close();
rmSync(cache, { recursive: true });
if (isSlow) {
  console.error(`first output took longer than ${limitMs} ms`);
  process.exitCode = 1;
}
