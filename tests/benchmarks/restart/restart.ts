import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { writeHistory } from "./history.ts";

interface Served {
  readonly jobs: number;
  readonly servingMs: number;
  readonly peakMegabytes: number;
}

/** Start → serving, in a process of its own, from the log alone and from a snapshot. */
async function benchmarkRestart(jobCount: number): Promise<void> {
  const base = mkdtempSync(join("/var/tmp", "ertis-restart-"));
  try {
    for (const hasSnapshot of [false, true]) {
      const directory = join(base, hasSnapshot ? "snapshot" : "log");
      const { rows, megabytes } = await writeHistory(directory, jobCount, hasSnapshot);
      const child = new URL("serve-once.ts", import.meta.url).pathname;
      const output = execFileSync(process.execPath, [child, directory], { encoding: "utf8" });
      const served: Served = JSON.parse(output);
      console.log(
        `  ${hasSnapshot ? "with a snapshot   " : "without a snapshot"} ${served.jobs} jobs, ${rows} rows, ` +
          `${megabytes.toFixed(0)} MB of rows: serving after ${(served.servingMs / 1000).toFixed(2)} s, ` +
          `peak ${served.peakMegabytes.toFixed(0)} MB`,
      );
    }
  } finally {
    rmSync(base, { recursive: true });
  }
}

if (import.meta.main) {
  await benchmarkRestart(Number(process.argv[2] ?? 1_000_000));
}
