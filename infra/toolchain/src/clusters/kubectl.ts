import { type ProgramResult, runProgram } from "../programs/run-program.ts";
import { programPath, type Toolchain } from "../toolchain.ts";
import type { ClusterFiles } from "./cluster-files.ts";

/** Runs the toolchain's kubectl against a local cluster; `input` is what `-f -` reads. */
export async function runKubectl(
  toolchain: Toolchain,
  files: ClusterFiles,
  kubectlArguments: readonly string[],
  input?: string,
): Promise<ProgramResult> {
  return runProgram(
    programPath(toolchain, "kubectl"),
    [
      "--kubeconfig",
      files.kubeconfigPath,
      "--cache-dir",
      files.discoveryCache,
      ...kubectlArguments,
    ],
    input === undefined ? {} : { input },
  );
}
