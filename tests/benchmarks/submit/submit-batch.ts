import type { BenchmarkOptions, Line } from "../benchmark.ts";
import { rateText, spreadOf, spreadText } from "../figures.ts";
import { measureDisk } from "../machine.ts";
import type { LoadResult, LoadTask } from "./generator.ts";
import { MeasuredServer, type ServerUse, usedBetween } from "./measured-server.ts";
import { runLoads } from "./run-load.ts";

/** Below the 16 million jobs that fit into memory. */
const jobsMax = 14_000_000;
const heapMegabytes = 12_288;

interface Case {
  readonly name: string;
  readonly task: Pick<
    LoadTask,
    | "through"
    | "itemCount"
    | "specCount"
    | "bodyCount"
    | "connectionCount"
    | "inFlightPerConnection"
  >;
  readonly generatorCount: number;
}

/** Acknowledged, durable jobs a second, in batches of 1,000. */
export async function submitBatch(options: BenchmarkOptions): Promise<readonly Line[]> {
  const wire = {
    itemCount: 1_000,
    specCount: 1_000,
    bodyCount: 64,
    connectionCount: 1,
    inFlightPerConnection: 4,
  } as const;
  return [
    await measureCase(options, {
      name: "batches of 1,000 in 1,000 specs, encoded before, 4 in flight",
      task: { through: "wire", ...wire },
      generatorCount: 1,
    }),
    await measureCase(options, {
      name: "the same, no two specs of 64,000 jobs alike",
      task: { through: "wire", ...wire, specCount: 0 },
      generatorCount: 1,
    }),
    await measureCase(options, {
      name: "batches of 1,000 through @ertis/client, 4 in flight",
      task: { through: "client", ...wire },
      generatorCount: 1,
    }),
  ];
}

/** Acknowledged, durable jobs a second, one job a call, 64 calls in flight, each a new request id. */
export async function submitOne(options: BenchmarkOptions): Promise<readonly Line[]> {
  return [
    await measureCase(options, {
      name: "one job a call, 64 in flight on 8 connections",
      task: {
        through: "frames",
        itemCount: 1,
        specCount: 1_000,
        bodyCount: 4_096,
        connectionCount: 8,
        inFlightPerConnection: 8,
      },
      generatorCount: 1,
    }),
  ];
}

async function measureCase(options: BenchmarkOptions, one: Case): Promise<Line> {
  const { seed, seconds } = options;
  const disk = measureDisk(options.directory);
  const server = await MeasuredServer.start({
    base: options.directory,
    seed,
    profileDirectory: options.profileDirectory,
    snapshotMegabytes: options.snapshotMegabytes,
    heapMegabytes,
  });
  try {
    const tasks = Array.from({ length: one.generatorCount }, (_, index) => ({
      address: server.address,
      seed: seed + index,
      durationMs: seconds * 1_000,
      jobsMax,
      arrayTaskCount: 0,
      callsMax: 0,
      ...one.task,
    }));
    // Warm-up: the compiler has seen everything, the first hundred thousand jobs are in.
    await runLoads(tasks.map((task) => ({ ...task, durationMs: 3_000 })));
    const before = server.use();
    const result = await runLoads(tasks);
    return lineOf(one.name, { result, use: usedBetween(before, server.use()), disk });
  } finally {
    await server.close();
  }
}

function lineOf(
  name: string,
  parts: {
    readonly result: LoadResult;
    readonly use: ServerUse;
    readonly disk: ReturnType<typeof measureDisk>;
  },
): Line {
  const { result, use, disk } = parts;
  const latency = spreadOf(result.latenciesMs);
  const jobs = result.acknowledgedCount;
  const perJob = (ms: number): string => `${((ms * 1_000) / Math.max(1, jobs)).toFixed(2)} µs`;
  return {
    name,
    text: [
      `${rateText(jobs, result.elapsedMs)} durable jobs: ${jobs.toLocaleString("en")} in ${(result.elapsedMs / 1_000).toFixed(1)} s, ${result.otherCount} not accepted${result.firstProblem === "" ? "" : ` (${result.firstProblem})`}`,
      `a call: ${spreadText(latency)}; ${result.bytesPerCall.toLocaleString("en")} bytes`,
      `processor time a job: server ${perJob(use.processMs)} (main thread ${perJob(use.mainThreadMs)}, log ${perJob(use.logThreadMs)}), generator ${perJob(result.processorMs)}`,
      `server memory ${use.residentMegabytes.toFixed(0)} MB, peak ${use.peakMegabytes.toFixed(0)} MB`,
      `disk: ${rateText(use.flushCount, result.elapsedMs)} flushes; alone before, fdatasync of 4 KiB ${spreadText(disk)}`,
    ],
    figures: {
      jobsPerSecond: (jobs / result.elapsedMs) * 1_000,
      acknowledgedCount: jobs,
      notAcceptedCount: result.otherCount,
      elapsedMs: result.elapsedMs,
      latencyMs: latency,
      generatorProcessorMs: result.processorMs,
      server: use,
      fdatasyncMs: disk,
    },
  };
}
