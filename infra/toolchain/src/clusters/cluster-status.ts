import { findToolchain } from "../find-toolchain.ts";
import { stateDirectory as defaultStateDirectory } from "../paths.ts";
import { isRunning } from "../programs/processes.ts";
import type { Toolchain } from "../toolchain.ts";
import { clusterFiles, readRecord } from "./cluster-files.ts";
import { runKubectl } from "./kubectl.ts";

export interface ClusterStatus {
  readonly name: string;
  readonly isReachable: boolean;
  /** Of the API server, for example `v1.36.3`; undefined where it does not answer. */
  readonly version: string | undefined;
  readonly nodeCount: number;
  readonly crdCount: number;
  readonly runningProcessCount: number;
  readonly kubeconfigPath: string;
}

/** How a recorded cluster is; undefined where none of that name was started. */
export async function clusterStatus(
  name: string,
  options: { readonly stateDirectory?: string; readonly toolchain?: Toolchain } = {},
): Promise<ClusterStatus | undefined> {
  const files = clusterFiles(options.stateDirectory ?? defaultStateDirectory(), name);
  const record = readRecord(files);
  if (record === undefined) {
    return undefined;
  }
  const toolchain = options.toolchain ?? (await findToolchain());
  const ask = async (...command: readonly string[]): Promise<string | undefined> => {
    const said = await runKubectl(toolchain, files, ["--request-timeout=5s", ...command]);
    return said.exitCode === 0 ? said.stdout : undefined;
  };
  const [version, nodes, crds] = await Promise.all([
    ask("get", "--raw", "/version"),
    ask("get", "nodes", "-o", "name"),
    ask("get", "customresourcedefinitions", "-o", "name"),
  ]);
  return {
    name,
    isReachable: version !== undefined,
    version: /"gitVersion":\s*"([^"]+)"/.exec(version ?? "")?.[1],
    nodeCount: lineCount(nodes),
    crdCount: lineCount(crds),
    runningProcessCount: record.processes.filter(isRunning).length,
    kubeconfigPath: files.kubeconfigPath,
  };
}

function lineCount(text: string | undefined): number {
  return (text ?? "").split("\n").filter((line) => line !== "").length;
}
