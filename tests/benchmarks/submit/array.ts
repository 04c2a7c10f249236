import type { BenchmarkOptions, Line } from "../benchmark.ts";
import { spreadOf, spreadText } from "../figures.ts";
import { measureDisk } from "../machine.ts";
import { MeasuredServer } from "./measured-server.ts";
import { runLoad } from "./run-load.ts";

const taskCount = 100_000;
const warmUp = 50;
const callsMax = 200;

/** How long a 100,000-task array takes until its acknowledgement: one after another, nothing else asked. */
export async function arrayAcknowledged(options: BenchmarkOptions): Promise<readonly Line[]> {
  const { directory, seed, profileDirectory, snapshotMegabytes } = options;
  const disk = measureDisk(directory);
  const server = await MeasuredServer.start({
    base: directory,
    seed,
    profileDirectory,
    snapshotMegabytes,
    heapMegabytes: 4_096,
  });
  try {
    const { latenciesMs, otherCount, firstProblem } = await runLoad({
      address: server.address,
      seed,
      through: "wire",
      itemCount: 1,
      specCount: 0,
      bodyCount: 16,
      connectionCount: 1,
      inFlightPerConnection: 1,
      durationMs: 600_000,
      jobsMax: Number.MAX_SAFE_INTEGER,
      arrayTaskCount: taskCount,
      callsMax: warmUp + callsMax,
    });
    const latency = spreadOf(latenciesMs.slice(warmUp));
    return [
      {
        name: `an array of ${taskCount.toLocaleString("en")} tasks, acknowledged`,
        text: [
          `${spreadText(latency)} of ${latency.count} after ${warmUp}; ${otherCount} not accepted ${firstProblem}`,
          `disk alone before: fdatasync of 4 KiB ${spreadText(disk)}`,
        ],
        figures: { latencyMs: latency, notAcceptedCount: otherCount, fdatasyncMs: disk },
      },
    ];
  } finally {
    await server.close();
  }
}
