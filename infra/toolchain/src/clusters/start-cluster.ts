import { findToolchain } from "../find-toolchain.ts";
import type { PartName } from "../parts.ts";
import { stateDirectory as defaultStateDirectory } from "../paths.ts";
import { withLock } from "../programs/lock.ts";
import { isRunning } from "../programs/processes.ts";
import { missingParts, type Toolchain } from "../toolchain.ts";
import type { CrdFamily } from "../crds/families.ts";
import { loadDefinitions } from "../crds/load-definitions.ts";
import {
  clusterFiles,
  type ClusterFiles,
  type ClusterRecord,
  readRecord,
  removeFiles,
  writeRecord,
} from "./cluster-files.ts";
import { ClusterProblem } from "./cluster-problem.ts";
import { createCluster } from "./create-cluster.ts";
import { endCluster } from "./end-cluster.ts";
import { runKubectl } from "./kubectl.ts";
import { loadNodes } from "./load-nodes.ts";
import type { Manifest } from "./manifest.ts";

export interface ClusterOptions {
  /** A DNS label; one cluster of a name in a state directory. */
  readonly name: string;
  readonly nodes?: readonly Manifest[];
  readonly crds: readonly CrdFamily[];
  /** Default: `ERTIS_STATE_DIR`, else the user's state folder. */
  readonly stateDirectory?: string;
  /** Default: what {@link findToolchain} finds. */
  readonly toolchain?: Toolchain;
  /**
   * What kwok plays is written as Stage objects, by whoever asks for this: there are none at first, so
   * no node becomes ready and no pod starts. Without it kwok's own stages hold, which cannot be changed
   * and finish the pods of Jobs within a second.
   */
  readonly hasStageObjects?: boolean;
}

export interface RunningCluster {
  readonly name: string;
  readonly kubeconfigPath: string;
  /** False where it was up already. */
  readonly isNew: boolean;
  readonly seconds: number;
  stop(): Promise<void>;
}

/** What a local cluster needs; for {@link missingParts}. */
export const clusterParts: readonly PartName[] = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
  "kwokctl",
];

/** Brings a cluster up, or up to what is asked where it is up already. Throws a {@link ClusterProblem}. */
export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  const { name } = options;
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw new ClusterProblem(
      `${JSON.stringify(name)} is no name for a cluster: small letters, digits and "-", at most 63`,
    );
  }
  const toolchain = options.toolchain ?? (await findToolchain());
  const missing = missingParts(toolchain, clusterParts);
  if (missing !== undefined) {
    throw new ClusterProblem(`The local cluster ${name} ${missing}`);
  }
  const stateDirectory = options.stateDirectory ?? defaultStateDirectory();
  const files = clusterFiles(stateDirectory, name);
  const startMs = performance.now();
  const isNew = await withLock(files.lockDirectory, {}, async () => {
    const found = await findRunning(toolchain, files);
    if (found === undefined) {
      await endCluster(files);
      removeFiles(files);
      const processes = await createCluster({
        name,
        toolchain,
        files,
        hasStageObjects: options.hasStageObjects ?? false,
      });
      writeRecord(files, { name, processes, crds: [] });
    }
    const isNewCluster = found === undefined;
    await fill({ toolchain, files, isNewCluster }, options);
    return isNewCluster;
  });
  return {
    name,
    kubeconfigPath: files.kubeconfigPath,
    isNew,
    seconds: (performance.now() - startMs) / 1000,
    stop: async () => {
      await stopCluster(name, stateDirectory);
    },
  };
}

async function fill(
  cluster: {
    readonly toolchain: Toolchain;
    readonly files: ClusterFiles;
    readonly isNewCluster: boolean;
  },
  options: ClusterOptions,
): Promise<void> {
  const { toolchain, files } = cluster;
  const record = readRecord(files);
  if (record === undefined) {
    throw new ClusterProblem(`${files.recordPath} is gone: run \`npm run clusters -- up\` again`);
  }
  const families = options.crds.filter((family) => !record.crds.includes(family));
  await loadDefinitions({ ...cluster, families });
  writeRecord(files, { ...record, crds: [...record.crds, ...families] });
  await loadNodes(toolchain, files, options.nodes ?? []);
}

/** Undefined where the cluster is not up with all of its processes, or does not answer. */
async function findRunning(
  toolchain: Toolchain,
  files: ClusterFiles,
): Promise<ClusterRecord | undefined> {
  const record = readRecord(files);
  if (record === undefined || record.processes.length === 0 || !record.processes.every(isRunning)) {
    return undefined;
  }
  const asked = await runKubectl(toolchain, files, ["get", "--raw", "/readyz"]);
  return asked.exitCode === 0 ? record : undefined;
}

/** Ends a cluster and removes its files. Resolves with how many processes were running. */
export async function stopCluster(name: string, stateDirectory?: string): Promise<number> {
  const files = clusterFiles(stateDirectory ?? defaultStateDirectory(), name);
  return withLock(files.lockDirectory, {}, async () => {
    const endedCount = await endCluster(files);
    removeFiles(files);
    return endedCount;
  });
}
