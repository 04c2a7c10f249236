import {
  ClusterSupervisor,
  createInProcessExecutor,
  createSimulatedCluster,
  createSocketExecutor,
  endClusterProcess,
  type InProcessExecutor,
  spawnClusterProcess,
} from "@ertis/executor-simulated";
import { toNumber } from "@ertis/quantities";
import type { Clock, Executor, Reporter } from "@ertis/scheduler-runtime";
import { parseSite, type Site } from "@ertis/site-model";
import type { ClusterConfig, ServerConfig, SiteConfig } from "../config/server-config.ts";
import {
  clusterDirectory,
  clusterLogPath,
  clusterSocketPath,
  makeSocketDirectory,
} from "./cluster-paths.ts";
import { makeDirectory } from "./make-directory.ts";
import { isDiskFull, StartProblem } from "./problem.ts";

/** Executors, and those that a driver of virtual time has to wait for. */
export interface Clusters {
  readonly executors: readonly Executor[];
  readonly inProcess: readonly InProcessExecutor[];
  /** Ends the processes that this start has started, not those it found: for a start that fails. */
  readonly endStarted: () => Promise<void>;
}

/** A site file read and proved; all of its mistakes at once. */
export function parseSiteConfig({ file, text, phases }: SiteConfig): Site {
  const result = parseSite({ file, text, phases });
  if (result.kind === "site") {
    return result.site;
  }
  const lines = result.errors.map(
    (error) => `${error.file}:${error.line}:${error.column}: ${error.path}: ${error.message}`,
  );
  throw new StartProblem(
    "siteRefused",
    `site file ${file} is wrong:\n  ${lines.join("\n  ")}`,
    "correct the file and start again",
  );
}

/** Starts or finds the simulated clusters of the configuration. */
export async function openClusters(
  config: ServerConfig,
  clockOf: (owner: string) => Clock,
  reporter: Reporter,
): Promise<Clusters> {
  const sites = new Map<string, Site>(
    config.sites.map((one) => {
      const site = parseSiteConfig(one);
      return [site.id, site];
    }),
  );
  const opened: Opened = { executors: [], inProcess: [], started: [] };
  const endStarted = async (): Promise<void> => {
    const sockets = opened.started.splice(0);
    await Promise.all(sockets.map((socketPath) => endClusterProcess(socketPath)));
  };
  try {
    for (const cluster of config.clusters) {
      const site = sites.get(cluster.site);
      if (site === undefined) {
        throw new StartProblem(
          "usage",
          `clusters: site "${cluster.site}" has no site file`,
          `name one of ${[...sites.keys()].join(", ")}, or add its file to sites`,
        );
      }
      if (cluster.isOwnProcess) {
        await openProcess(config, cluster, { site, reporter, opened });
      } else {
        const executor = openInProcess(cluster, site, clockOf(`cluster ${site.id}`), reporter);
        opened.inProcess.push(executor);
        opened.executors.push(executor);
      }
    }
  } catch (error) {
    await endStarted();
    throw error;
  }
  return { ...opened, endStarted };
}

/** What is there so far. */
interface Opened {
  readonly executors: Executor[];
  readonly inProcess: InProcessExecutor[];
  /** Sockets of the processes that were started, not found. */
  readonly started: string[];
}

function openInProcess(
  { seed, physics, measureEveryMs = 0 }: ClusterConfig,
  site: Site,
  clock: Clock,
  reporter: Reporter,
): InProcessExecutor {
  const startMs = toNumber(clock.now());
  const cluster = createSimulatedCluster({ site, seed, physics, startMs, hadEarlierLife: true });
  return createInProcessExecutor({ cluster, clock, reporter, measureEveryMs });
}

async function openProcess(
  { dataDirectory, clock }: ServerConfig,
  { seed, physics, measureEveryMs = 0 }: ClusterConfig,
  {
    site,
    reporter,
    opened,
  }: { readonly site: Site; readonly reporter: Reporter; readonly opened: Opened },
): Promise<void> {
  if (dataDirectory === undefined || clock === "stepped") {
    throw new StartProblem(
      "usage",
      "a cluster in its own process needs a data directory and the real clock",
      "set data and clock: real, or leave process out",
    );
  }
  const socketPath = clusterSocketPath(dataDirectory, site.id);
  const directory = clusterDirectory(dataDirectory);
  makeSocketDirectory(dataDirectory, socketPath);
  makeDirectory(directory);
  const logPath = clusterLogPath(dataDirectory, site.id);
  const bringUp = () => spawnClusterProcess({ socketPath, site, seed, physics, logPath });
  try {
    const running = await bringUp();
    if (running.kind === "started") {
      opened.started.push(socketPath);
    }
    reporter.info(running.kind === "found" ? "cluster process found" : "cluster process started", {
      site: site.id,
      pid: running.pid,
    });
  } catch (error) {
    if (isDiskFull(error)) {
      throw error;
    }
    throw new StartProblem(
      "clusterFailed",
      `the simulated cluster of ${site.id} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      `see ${directory}; npm start -- stop ends the clusters of npm start`,
      { cause: error },
    );
  }
  const supervisor = new ClusterSupervisor({ site: site.id, restart: bringUp, reporter });
  opened.executors.push(
    createSocketExecutor({ socketPath, site, reporter, measureEveryMs, supervisor }),
  );
}
