import { join } from "node:path";
import {
  createInProcessExecutor,
  createSimulatedCluster,
  createSocketExecutor,
  type InProcessExecutor,
  spawnClusterProcess,
} from "@ertis/executor-simulated";
import { toNumber } from "@ertis/quantities";
import type { Clock, Executor, Reporter } from "@ertis/scheduler-runtime";
import { parseSite, type Site } from "@ertis/site-model";
import type { ClusterConfig, ServerConfig, SiteConfig } from "../config/server-config.ts";
import { makeDirectory } from "./make-directory.ts";
import { StartProblem } from "./problem.ts";

/** Executors, and those that a driver of virtual time has to wait for. */
export interface Clusters {
  readonly executors: readonly Executor[];
  readonly inProcess: readonly InProcessExecutor[];
}

/** Where the cluster process of a site listens. */
export function clusterSocketPath(dataDirectory: string, site: string): string {
  return join(dataDirectory, "clusters", `${site}.sock`);
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
  const executors: Executor[] = [];
  const inProcess: InProcessExecutor[] = [];
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
      executors.push(await openProcess(config, cluster, site, reporter));
    } else {
      const executor = openInProcess(cluster, site, clockOf(`cluster ${site.id}`), reporter);
      inProcess.push(executor);
      executors.push(executor);
    }
  }
  return { executors, inProcess };
}

function openInProcess(
  { seed, physics }: ClusterConfig,
  site: Site,
  clock: Clock,
  reporter: Reporter,
): InProcessExecutor {
  const startMs = toNumber(clock.now());
  const cluster = createSimulatedCluster({ site, seed, physics, startMs, hadEarlierLife: true });
  return createInProcessExecutor({ cluster, clock, reporter });
}

async function openProcess(
  { dataDirectory, clock }: ServerConfig,
  { seed, physics }: ClusterConfig,
  site: Site,
  reporter: Reporter,
): Promise<Executor> {
  if (dataDirectory === undefined || clock === "stepped") {
    throw new StartProblem(
      "usage",
      "a cluster in its own process needs a data directory and the real clock",
      "set data and clock: real, or leave process out",
    );
  }
  const socketPath = clusterSocketPath(dataDirectory, site.id);
  const directory = join(dataDirectory, "clusters");
  makeDirectory(directory);
  try {
    const running = await spawnClusterProcess({
      socketPath,
      site,
      seed,
      physics,
      logPath: join(directory, `${site.id}.log`),
    });
    reporter.info(running.kind === "found" ? "cluster process found" : "cluster process started", {
      site: site.id,
      pid: running.pid,
    });
  } catch (error) {
    throw new StartProblem(
      "clusterFailed",
      `the simulated cluster of ${site.id} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      `see ${directory}; npm start -- stop ends the clusters of npm start`,
      { cause: error },
    );
  }
  return createSocketExecutor({ socketPath, site, reporter });
}
