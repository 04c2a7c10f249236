import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Physics, SpawnClusterProcessOptions } from "@ertis/executor-simulated";
import { defaultConfig, type ServerConfig } from "@ertis/scheduler";
import { parseSite, type Site } from "@ertis/site-model";

const siteFile: string = fileURLToPath(new URL("../runtime/two-rows.yaml", import.meta.url));
const seed = 1;

/** Fast enough that a run is over in seconds, slow enough that a crash meets every phase. */
const physics: Partial<Physics> = {
  startDelayMs: { min: 0, max: 60 },
  startFailure: { numerator: 0, denominator: 1 },
  termExitMs: { min: 0, max: 40 },
  termIgnored: { numerator: 0, denominator: 1 },
  stopConfirmMs: { min: 0, max: 40 },
};

/** A snapshot every so many rows: each life of a server makes some. */
const snapshotEveryRows = 100;

/** What outlives every process of a crash test. */
export interface DataDirectory {
  readonly base: string;
  readonly dataDirectory: string;
  readonly configFile: string;
  readonly port: number;
  readonly cluster: SpawnClusterProcessOptions;
  /** The same server in the process of the test. */
  readonly config: ServerConfig;
  remove(): void;
}

/** A new directory and the configuration of one server with one cluster in its own process. */
export async function makeDataDirectory(): Promise<DataDirectory> {
  const base = mkdtempSync(join(tmpdir(), "ertis-crash-"));
  const dataDirectory = join(base, "data");
  const configFile = join(base, "ertis.yaml");
  const port = await freePort();
  const site = readSite();
  const clusters = join(dataDirectory, "clusters");
  // JSON is YAML.
  writeFileSync(
    configFile,
    JSON.stringify({
      listen: `127.0.0.1:${port}`,
      data: "data",
      projects: ["language"],
      rates: { callsPerSecond: 10_000, burst: 10_000 },
      snapshots: { everyRows: snapshotEveryRows },
      sites: [{ file: siteFile }],
      clusters: [{ site: site.id, seed, process: true, physics }],
    }),
  );
  return {
    base,
    dataDirectory,
    configFile,
    port,
    cluster: {
      socketPath: join(clusters, `${site.id}.sock`),
      logPath: join(clusters, `${site.id}.log`),
      site,
      seed,
      physics,
    },
    config: {
      ...defaultConfig,
      port,
      dataDirectory,
      projects: ["language"],
      isWithoutAuth: true,
      rate: { callsPerSecond: 10_000, burst: 10_000 },
      snapshots: { ...defaultConfig.snapshots, everyRows: snapshotEveryRows },
      sites: [{ file: siteFile, text: readFileSync(siteFile, "utf8"), phases: "built" }],
      clusters: [{ site: site.id, seed, isOwnProcess: true, physics }],
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

function readSite(): Site {
  const text = readFileSync(siteFile, "utf8");
  const result = parseSite({ file: siteFile, text, phases: "built" });
  if (result.kind === "errors") {
    throw new Error(JSON.stringify(result.errors));
  }
  return result.site;
}

/**
 * A port that a killed server's successor can have again: below the range from which systems give
 * ports to those who ask for any.
 */
async function freePort(): Promise<number> {
  for (let port = 20_000 + (process.pid % 10_000); ; port += 1) {
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (isFree) {
      await new Promise((resolve) => server.close(resolve));
      return port;
    }
  }
}
