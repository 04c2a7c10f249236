import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { Readable } from "node:stream";
import { text as readAll } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { readClusterStatus } from "./cluster-status.ts";
import type { ClusterProcessFile, ReadyLine } from "./process-file.ts";
import { lightenedSite } from "./site-fields.ts";
import { type ClusterStatus, protocolVersion } from "./wire.ts";

const program = fileURLToPath(new URL("./cluster-process.ts", import.meta.url));
/** `sun_path` of unix(7) is 108 bytes with its final zero on Linux, 104 on macOS. */
const socketPathBytesMax = 103;

export interface SpawnClusterProcessOptions extends ClusterProcessFile {
  /** Where the process writes what it has to say, which is nothing unless it breaks. */
  readonly logPath: string;
}

/** A cluster process that listens. `found`: it was running before, with all that runs in it. */
export interface RunningClusterProcess {
  readonly kind: "started" | "found";
  readonly pid: number;
  readonly incarnation: string;
  readonly socketPath: string;
}

/**
 * Finds the cluster process behind a socket, or starts one that outlives this process. Resolves when
 * it listens. One that was found may be of another revision of the site: the executor that says hello
 * hands over its own.
 *
 * @throws when a cluster of another site or another version listens there, and when it cannot start
 */
export async function spawnClusterProcess(
  options: SpawnClusterProcessOptions,
): Promise<RunningClusterProcess> {
  const { socketPath, site, seed, physics } = options;
  if (Buffer.byteLength(socketPath) > socketPathBytesMax) {
    throw new Error(
      `socket path ${socketPath} has ${Buffer.byteLength(socketPath)} bytes, ${socketPathBytesMax} are allowed: choose a shorter data directory`,
    );
  }
  const running = await readClusterStatus(socketPath);
  if (running !== undefined) {
    assertFits(running, options);
    return { kind: "found", pid: running.pid, incarnation: running.incarnation, socketPath };
  }
  const filePath = `${socketPath}.json`;
  const file: ClusterProcessFile = {
    socketPath,
    site: lightenedSite(site),
    seed,
    physics,
  };
  writeFileSync(filePath, JSON.stringify(file), { mode: 0o600 });
  try {
    const ready = await startDetached(filePath, options.logPath);
    return { kind: "started", pid: ready.pid, incarnation: ready.incarnation, socketPath };
  } finally {
    rmSync(filePath, { force: true });
  }
}

function assertFits(running: ClusterStatus, options: SpawnClusterProcessOptions): void {
  const { site } = options;
  const end = `end it (kill ${running.pid}); what runs in it is then lost and tried again`;
  if (running.protocol !== protocolVersion) {
    throw new Error(
      `process ${running.pid} on ${options.socketPath} speaks ${running.protocol === 0 ? "an older protocol" : `protocol ${running.protocol}`}, this version protocol ${protocolVersion}: ${end}`,
    );
  }
  if (running.site !== site.id) {
    throw new Error(
      `process ${running.pid} on ${options.socketPath} simulates ${running.site}, not ${site.id}: ${end}`,
    );
  }
}

async function startDetached(
  filePath: string,
  logPath: string,
): Promise<Extract<ReadyLine, { kind: "ready" }>> {
  const log = openSync(logPath, "a", 0o600);
  let child: ChildProcess;
  try {
    // A session of its own: neither a Ctrl-C nor the end of the server reaches it.
    child = spawn(process.execPath, [program, filePath], {
      detached: true,
      stdio: ["ignore", log, log, "pipe"],
    });
  } finally {
    closeSync(log);
  }
  const said = await new Promise<string>((resolve, reject) => {
    child.once("error", (error) =>
      reject(new Error("the cluster process could not be started", { cause: error })),
    );
    const pipe = child.stdio[3];
    if (pipe instanceof Readable) {
      // The pipe ends when the process has said its line, or when it ends.
      readAll(pipe).then(resolve, reject);
    }
  });
  child.unref();
  if (said === "") {
    throw new Error(`the cluster process ended before it was ready; see ${logPath}`);
  }
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- said by the program beside this file
  const ready = JSON.parse(said) as ReadyLine;
  if (ready.kind === "failed") {
    throw new Error(`the cluster process cannot start: ${ready.message}`);
  }
  return ready;
}

/**
 * Ends the cluster process behind a socket, and with it all that runs there. Resolves when
 * nobody listens there any more.
 */
export async function endClusterProcess(socketPath: string): Promise<void> {
  const running = await readClusterStatus(socketPath);
  if (running === undefined) {
    return;
  }
  await new Promise<void>((resolve, reject) => {
    // The connection ends when the process does, however it ends.
    const socket = createConnection(socketPath);
    socket.on("connect", () => {
      try {
        process.kill(running.pid, "SIGTERM");
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve());
    socket.resume();
  });
}
