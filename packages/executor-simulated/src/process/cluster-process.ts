import { randomUUID } from "node:crypto";
import { createWriteStream, readFileSync, rmSync } from "node:fs";
import { createSimulatedCluster } from "../cluster/create-cluster.ts";
import { serveCluster } from "./cluster-server.ts";
import { readClusterStatus } from "./cluster-status.ts";
import type { ClusterProcessFile, ReadyLine } from "./process-file.ts";
import { RealTime } from "./real-time.ts";

/**
 * The program of a cluster that outlives the server. Started by `spawnClusterProcess`:
 *
 *     node cluster-process.ts FILE     FILE: JSON of a ClusterProcessFile
 *
 * It says on file descriptor 3 that it is ready, or why it cannot be. SIGTERM ends it and all that
 * runs in it.
 */
const readyDescriptor = 3;

function say(line: ReadyLine): void {
  const pipe = createWriteStream("", { fd: readyDescriptor });
  // Whoever started this process may be gone; the cluster lives on.
  pipe.on("error", () => {});
  pipe.end(`${JSON.stringify(line)}\n`);
}

/** A socket file without a listener is what a killed process leaves behind. */
async function removeStaleSocket(socketPath: string): Promise<void> {
  const status = await readClusterStatus(socketPath);
  if (status !== undefined) {
    throw new Error(`a cluster of ${status.site} already listens on ${socketPath}`);
  }
  rmSync(socketPath, { force: true });
}

async function main(filePath: string): Promise<void> {
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- written by the launcher of this very version, readable by its owner only
  const file = JSON.parse(readFileSync(filePath, "utf8")) as ClusterProcessFile;
  const time = new RealTime();
  const cluster = createSimulatedCluster({
    site: file.site,
    seed: file.seed,
    physics: file.physics,
    startMs: time.nowMs(),
    hadEarlierLife: true,
  });
  await removeStaleSocket(file.socketPath);
  process.umask(0o177);
  const incarnation = randomUUID();
  const server = await serveCluster({ cluster, incarnation, socketPath: file.socketPath, time });
  process.once("SIGTERM", () => {
    void server.close();
  });
  say({ kind: "ready", pid: process.pid, incarnation });
}

try {
  await main(process.argv[2] ?? "");
} catch (error) {
  say({ kind: "failed", message: String(error) });
  process.exitCode = 1;
}
