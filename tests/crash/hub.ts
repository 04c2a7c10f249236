import { once } from "node:events";
import { createConnection } from "node:net";

import {
  type ClusterStatus,
  endClusterProcess,
  readClusterStatus,
  spawnClusterProcess,
} from "@ertis/executor-simulated";
import { expect, vi } from "vitest";

import { type DataDirectory, makeDataDirectory } from "./data-directory.ts";
import { Load } from "./load.ts";
import { LogVerdict } from "./log-verdict.ts";
import { ServerProcess } from "./server-process.ts";

/** One data directory with its server, its cluster and its callers, all of which can be killed. */
export class Hub {
  readonly directory: DataDirectory;
  readonly load: Load;
  readonly log: LogVerdict;
  #server: ServerProcess;

  private constructor(directory: DataDirectory, seed: number, server: ServerProcess) {
    this.directory = directory;
    this.load = new Load(directory.port, seed);
    this.log = new LogVerdict(directory.dataDirectory);
    this.#server = server;
  }

  static async create(seed: number): Promise<Hub> {
    const directory = await makeDataDirectory();
    const server = new ServerProcess(directory.configFile);
    const hub = new Hub(directory, seed, server);
    await server.serving();
    return hub;
  }

  get server(): ServerProcess {
    return this.#server;
  }

  async startServer(): Promise<void> {
    this.#server = new ServerProcess(this.directory.configFile);
    await this.#server.serving();
  }

  async clusterStatus(): Promise<ClusterStatus> {
    const status = await readClusterStatus(this.directory.cluster.socketPath);
    if (status === undefined) {
      throw new Error("the cluster process is gone");
    }
    return status;
  }

  /** SIGKILL for the cluster process, and with it for all that runs there. */
  async killCluster(): Promise<void> {
    const { pid } = await this.clusterStatus();
    const socket = createConnection(this.directory.cluster.socketPath);
    await once(socket, "connect");
    // The connection ends when the process does.
    const closed = new Promise<void>((resolve) => {
      socket.on("error", () => {});
      socket.on("close", () => resolve());
    });
    socket.resume();
    process.kill(pid, "SIGKILL");
    await closed;
  }

  async startCluster(): Promise<void> {
    await spawnClusterProcess(this.directory.cluster);
  }

  /** Resolves when a server has told the cluster process what it wants. */
  async clusterIsAsked(): Promise<void> {
    await vi.waitFor(
      async () => {
        expect((await this.clusterStatus()).generation).toBeGreaterThan(0);
      },
      { timeout: 10_000, interval: 20 },
    );
  }

  /** Promises broken by what is in the log. No server may be running. */
  async brokenInLog(): Promise<readonly string[]> {
    await this.log.look();
    if ((await readClusterStatus(this.directory.cluster.socketPath)) === undefined) {
      this.log.clusterIsGone();
    }
    const { promises } = this.load;
    const broken = [...promises.broken, ...this.log.broken];
    for (const [requestId, jobId] of promises.acknowledged) {
      const found = String(this.log.jobs.get(requestId));
      if (found !== jobId) {
        broken.push(`job ${jobId} was acknowledged as ${requestId}; the log says ${found}`);
      }
    }
    for (const jobId of promises.cancelled) {
      if (!this.log.cancelled.has(jobId)) {
        broken.push(`the cancellation of job ${jobId} was acknowledged and is not in the log`);
      }
    }
    return broken;
  }

  /** Promises broken by what was started. The cluster must be running. */
  async brokenInCluster(): Promise<readonly string[]> {
    return brokenBy(await this.clusterStatus());
  }

  /** Jobs that were acknowledged and that the server, which must be running, does not show. */
  async notShown(): Promise<readonly string[]> {
    const missing = new Set(this.load.promises.acknowledged.values());
    for await (const { id } of this.load.client.jobs()) {
      missing.delete(id);
    }
    return [...missing];
  }

  async remove(): Promise<void> {
    this.load.client.close();
    await this.#server.kill();
    await endClusterProcess(this.directory.cluster.socketPath);
    this.directory.remove();
  }
}

function brokenBy(status: ClusterStatus): readonly string[] {
  const { violationCount, violations, startsPerAttemptMax } = status;
  return [
    ...violations.map((words) => `the cluster counts ${violationCount} violations: ${words}`),
    ...(startsPerAttemptMax > 1 ? [`an attempt was started ${startsPerAttemptMax} times`] : []),
  ];
}
