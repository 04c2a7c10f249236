import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProcessMark } from "../programs/processes.ts";

/** Where everything of one local cluster lies; nothing of it is outside the state directory. */
export interface ClusterFiles {
  /** `KWOK_WORKDIR`, shared by all clusters of a state directory. */
  readonly workDirectory: string;
  /** What kwokctl keeps of this cluster: data, keys, logs, process ids. */
  readonly clusterDirectory: string;
  readonly recordPath: string;
  readonly kubeconfigPath: string;
  readonly configPath: string;
  /** kubectl's; the default one is shared by whatever ever listened on the same port. */
  readonly discoveryCache: string;
  readonly lockDirectory: string;
}

/** What `up` has started, so that `down` ends that and nothing else. */
export interface ClusterRecord {
  readonly name: string;
  readonly processes: readonly ProcessMark[];
  /** Families of definitions that are loaded. */
  readonly crds: readonly string[];
}

export function clusterFiles(stateDirectory: string, name: string): ClusterFiles {
  const workDirectory = join(stateDirectory, "kwok");
  return {
    workDirectory,
    clusterDirectory: join(workDirectory, "clusters", name),
    recordPath: join(workDirectory, "records", `${name}.json`),
    kubeconfigPath: join(workDirectory, "kubeconfigs", `${name}.yaml`),
    configPath: join(workDirectory, "configs", `${name}.yaml`),
    discoveryCache: join(workDirectory, "discovery", name),
    lockDirectory: join(workDirectory, "locks", name),
  };
}

/** Names of the clusters that `up` has started, or began to. */
export function recordedClusters(stateDirectory: string): readonly string[] {
  try {
    return readdirSync(join(stateDirectory, "kwok", "records"))
      .filter((file) => file.endsWith(".json"))
      .map((file) => file.slice(0, -".json".length))
      .toSorted();
  } catch {
    return [];
  }
}

export function readRecord(files: ClusterFiles): ClusterRecord | undefined {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by writeRecord only, whole
    return JSON.parse(readFileSync(files.recordPath, "utf8")) as ClusterRecord;
  } catch {
    return undefined;
  }
}

export function writeRecord(files: ClusterFiles, record: ClusterRecord): void {
  mkdirSync(join(files.recordPath, ".."), { recursive: true });
  writeFileSync(`${files.recordPath}.draft`, JSON.stringify(record));
  renameSync(`${files.recordPath}.draft`, files.recordPath);
}

export function removeFiles(files: ClusterFiles): void {
  for (const path of [
    files.clusterDirectory,
    files.kubeconfigPath,
    files.configPath,
    files.discoveryCache,
    // Last: as long as it is there, `down` finds the rest.
    files.recordPath,
  ]) {
    rmSync(path, { recursive: true, force: true });
  }
}
