import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Observation } from "@ertis/scheduler-engine";
import type { Executor } from "@ertis/scheduler-runtime";
import type { ClusterSite } from "../cluster/cluster-site.ts";
import type { Physics } from "../cluster/physics.ts";
import { testSite } from "../test-site.ts";
import { createSocketExecutor, type SocketExecutorOptions } from "./socket-executor.ts";
import {
  endClusterProcess,
  type RunningClusterProcess,
  spawnClusterProcess,
} from "./spawn-cluster-process.ts";

export const longRun = { ERTIS_SIM_RUNTIME_MS: "3600000" };
export const shortRun = { ERTIS_SIM_RUNTIME_MS: "1", ERTIS_SIM_OUTCOME: "succeeded" };

export interface Listener {
  readonly executor: Executor;
  /** Resolves when all of these kinds were reported about the job. */
  heard(job: number, kinds: readonly Observation["kind"][]): Promise<readonly Observation[]>;
}

/** The cluster process of a test, in a directory of its own; both are gone when it is closed. */
export class TestCluster {
  readonly #executors: Executor[] = [];
  #directory = "";

  get directory(): string {
    return this.#directory;
  }

  get socketPath(): string {
    return join(this.#directory, "cluster.sock");
  }

  open(): void {
    this.#directory = mkdtempSync(join(tmpdir(), "ertis-cluster-"));
  }

  async close(): Promise<void> {
    await Promise.all(this.#executors.splice(0).map(async (executor) => executor.close()));
    await endClusterProcess(this.socketPath);
    rmSync(this.#directory, { recursive: true });
  }

  async start(
    site: ClusterSite = testSite,
    physics: Partial<Physics> = {},
  ): Promise<RunningClusterProcess> {
    return spawnClusterProcess({
      socketPath: this.socketPath,
      logPath: join(this.#directory, "cluster.log"),
      site,
      seed: 1,
      physics: { startDelayMs: { min: 0, max: 0 }, powerOffMs: { min: 0, max: 0 }, ...physics },
    });
  }

  /** An executor that is closed with the cluster. */
  executor(options?: Partial<SocketExecutorOptions>): Executor {
    const { socketPath } = this;
    const executor = createSocketExecutor({ socketPath, site: testSite, ...options });
    this.#executors.push(executor);
    return executor;
  }

  /** An executor whose reports are taken in at once, or refused the first few times. */
  listen(refusals = 0, site: ClusterSite = testSite): Listener {
    return listenTo(this.executor({ site }), refusals);
  }
}

function listenTo(executor: Executor, refusals: number): Listener {
  const heard: Observation[] = [];
  const checks = new Set<() => void>();
  let refusalsLeft = refusals;
  executor.start(async (observations) => {
    if (refusalsLeft > 0) {
      refusalsLeft -= 1;
      throw new Error("not now");
    }
    heard.push(...observations);
    for (const check of checks) {
      check();
    }
    return Promise.resolve();
  });
  return {
    executor,
    heard: async (job, kinds) =>
      new Promise((resolve) => {
        const check = (): void => {
          const about = heard.filter((each) => "attempt" in each && each.attempt.job === job);
          if (kinds.every((kind) => about.some((each) => each.kind === kind))) {
            resolve(about);
          }
        };
        checks.add(check);
        check();
      }),
  };
}
