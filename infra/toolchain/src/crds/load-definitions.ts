import type { ClusterFiles } from "../clusters/cluster-files.ts";
import { ClusterProblem } from "../clusters/cluster-problem.ts";
import { runKubectl } from "../clusters/kubectl.ts";
import { lastLines } from "../programs/run-program.ts";
import type { Toolchain } from "../toolchain.ts";
import { crdSource } from "./crd-source.ts";
import type { CrdFamily } from "./families.ts";

/** Loads definitions and waits until their kinds are served. */
export async function loadDefinitions(
  toolchain: Toolchain,
  files: ClusterFiles,
  families: readonly CrdFamily[],
): Promise<void> {
  if (families.length === 0) {
    return;
  }
  const folders = families.flatMap((family) => ["-f", crdSource(family).directory]);
  for (const command of [
    ["apply", "--server-side", "--force-conflicts", ...folders],
    ["wait", "--for=condition=Established", "--timeout=120s", ...folders],
  ]) {
    const done = await runKubectl(toolchain, files, command);
    if (done.exitCode !== 0) {
      throw new ClusterProblem(
        `The definitions of ${families.join(", ")} were not loaded:\n${lastLines(done.stderr, 8)}`,
      );
    }
  }
}
