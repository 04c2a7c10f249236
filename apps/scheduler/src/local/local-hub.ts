import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { endClusterProcess } from "@ertis/executor-simulated";
import {
  defaultConfig,
  measureEveryMsDefault,
  type ServerConfig,
} from "../config/server-config.ts";
import { findClusterSockets, removeDistantSockets } from "../start/cluster-paths.ts";
import { openLog } from "../start/open-log.ts";
import { exitCodes, StartProblem } from "../start/problem.ts";
import type { LocalOptions } from "./options.ts";
import { demoProjects, type LocalPerson } from "./local-people.ts";

/** Files of the two sites of the demonstration, as built so far. */
const siteIds: readonly string[] = ["pavlodar-hub", "ai-data-center"];
const sitesDirectory = resolve(import.meta.dirname, "../../../../infra/sites");

/** Most of the demonstration trains: eight-GPU H100 nodes then draw 7.0 of 7.4 kW (MLPerf Training v4.0). */
const demoPhysics = { drawPermille: { min: 850, max: 960 } } as const;

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
      text: readSiteFile(id),
      phases: "built",
    })),
    clusters: siteIds.map((site, index) => ({
      site,
      seed: index + 1,
      isOwnProcess: true,
      physics: demoPhysics,
      measureEveryMs: measureEveryMsDefault,
    })),
    projects: demoProjects,
    people: people.map(({ credential }) => credential),
    rate,
  };
}

function readSiteFile(id: string): string {
  const file = join(sitesDirectory, `${id}.yaml`);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new StartProblem(
      "siteRefused",
      `site file ${file} cannot be read: ${code}`,
      "put it back: git restore infra/sites",
      { cause: error },
    );
  }
}

/** Ends the processes of the simulated nodes. Refused while a server uses the directory. */
export async function endLocalClusters(dataDirectory: string): Promise<number> {
  const sockets = findClusterSockets(dataDirectory);
  if (sockets.length > 0) {
    await assertUnused(dataDirectory);
  }
  for (const socketPath of sockets) {
    await endClusterProcess(socketPath);
  }
  return sockets.length;
}

/** Only a server that runs is in the way: a log that is damaged, newer or full is not. */
async function assertUnused(dataDirectory: string): Promise<void> {
  if (!existsSync(join(dataDirectory, "log.db"))) {
    return;
  }
  try {
    const { snapshots, engineLimits } = defaultConfig;
    const { log } = await openLog(dataDirectory, snapshots, engineLimits);
    await log.close();
  } catch (error) {
    if (error instanceof StartProblem && error.exitCode === exitCodes.logLocked) {
      throw error;
    }
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
  removeDistantSockets(dataDirectory);
}
