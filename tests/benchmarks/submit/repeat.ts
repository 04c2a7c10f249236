import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import type { BenchmarkOptions, Line } from "../benchmark.ts";
import { Body, makeItem, RequestIdDigits, seededRandom } from "./bodies.ts";
import { MeasuredServer } from "./measured-server.ts";
import { submitJobsPath } from "./wire-client.ts";

/**
 * The same call over and over with h2load, a generator in C. It can only send one body, so all but the
 * first are repeats of one request id: answered from memory, nothing is logged. This is the transport's
 * bound for `submit-one`, not a figure of durable submits.
 */
export async function repeatOne(options: BenchmarkOptions): Promise<readonly Line[]> {
  if (!hasH2load()) {
    return [
      {
        name: "one repeated call with h2load",
        text: ["SKIPPED: h2load is not installed; get it with: apt-get install nghttp2-client"],
        figures: { skipped: "h2load is missing" },
      },
    ];
  }
  const directory = mkdtempSync(join(options.directory, "ertis-h2load-"));
  const server = await MeasuredServer.start({
    base: options.directory,
    seed: options.seed,
    profileDirectory: options.profileDirectory,
    snapshotMegabytes: options.snapshotMegabytes,
    heapMegabytes: 4_096,
  });
  try {
    const file = join(directory, "body");
    const item = makeItem(seededRandom(options.seed));
    writeFileSync(file, new Body([item], new RequestIdDigits()).next());
    const { stdout } = await promisify(execFile)("h2load", [
      "--clients=8",
      "--max-concurrent-streams=8",
      "--threads=1",
      "--warm-up-time=3",
      `--duration=${options.seconds}`,
      `--data=${file}`,
      "--header=content-type: application/grpc",
      "--header=te: trailers",
      `http://${server.address}${submitJobsPath}`,
    ]);
    const rate = Number(/finished in [^,]+, ([\d.]+) req\/s/u.exec(stdout)?.[1] ?? Number.NaN);
    const codes = /status codes: .*/u.exec(stdout)?.[0] ?? "no status codes";
    const mean = /time for request: .*/u.exec(stdout)?.[0]?.replaceAll(/\s+/gu, " ") ?? "";
    return [
      {
        name: "one repeated call with h2load, 64 in flight (transport only, nothing becomes durable)",
        text: [`${Math.round(rate).toLocaleString("en")} calls/s; ${codes}; ${mean}`],
        figures: { callsPerSecond: rate },
      },
    ];
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function hasH2load(): boolean {
  try {
    execFileSync("h2load", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
