import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { endClusterProcess } from "@ertis/executor-simulated";
import { defaultConfig, type ServerConfig } from "../config/server-config.ts";
import { clusterSocketPath } from "../start/clusters.ts";
import { openLog } from "../start/open-log.ts";
import type { LocalOptions } from "./options.ts";
import { demoProjects, type LocalPerson } from "./local-people.ts";

/** Files of the two sites of the demonstration, as built so far. */
const siteIds: readonly string[] = ["pavlodar-hub", "ai-data-center"];
const sitesDirectory = resolve(import.meta.dirname, "../../../../infra/sites");

/** What `npm start` serves. */
export function localConfig(
  { dataDirectory, port }: LocalOptions,
  people: readonly LocalPerson[],
): ServerConfig {
  const rate = { callsPerSecond: 5_000, burst: 10_000 };
  return {
    ...defaultConfig,
    port,
    dataDirectory,
    sites: siteIds.map((id) => ({
      file: `infra/sites/${id}.yaml`,
      text: readFileSync(join(sitesDirectory, `${id}.yaml`), "utf8"),
      phases: "built",
    })),
    clusters: siteIds.map((site, index) => ({
      site,
      seed: index + 1,
      isOwnProcess: true,
      physics: {},
    })),
    projects: demoProjects,
    people: people.map(({ credential }) => credential),
    rate,
  };
}

/** Ends the processes of the simulated nodes. Refused while a server uses the directory. */
export async function endLocalClusters(dataDirectory: string): Promise<number> {
  const directory = join(dataDirectory, "clusters");
  if (!existsSync(directory)) {
    return 0;
  }
  await assertUnused(dataDirectory);
  const sockets = readdirSync(directory).filter((name) => name.endsWith(".sock"));
  for (const name of sockets) {
    await endClusterProcess(clusterSocketPath(dataDirectory, name.slice(0, -".sock".length)));
  }
  return sockets.length;
}

async function assertUnused(dataDirectory: string): Promise<void> {
  if (existsSync(join(dataDirectory, "log.db"))) {
    const { log } = await openLog(
      dataDirectory,
      defaultConfig.snapshots,
      defaultConfig.engineLimits,
    );
    await log.close();
  }
}

/** Forgets everything: only what `npm start` made itself is removed. */
export async function forgetEverything(dataDirectory: string): Promise<void> {
  await endLocalClusters(dataDirectory);
  const made = [
    "log.db",
    "log.db-wal",
    "log.db-shm",
    "clusters",
    "contexts",
    "context.json",
    "demo-submitted",
  ];
  for (const name of made) {
    rmSync(join(dataDirectory, name), { recursive: true, force: true });
  }
}
