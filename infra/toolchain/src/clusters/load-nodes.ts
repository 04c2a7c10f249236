import type { Toolchain } from "../toolchain.ts";
import type { ClusterFiles } from "./cluster-files.ts";
import { ClusterProblem } from "./cluster-problem.ts";
import { runKubectl } from "./kubectl.ts";
import type { Manifest } from "./manifest.ts";

/** Nodes that are absent are created with their status, as a kubelet would; the others get labels and taints anew. */
export async function loadNodes(
  toolchain: Toolchain,
  files: ClusterFiles,
  nodes: readonly Manifest[],
): Promise<void> {
  if (nodes.length === 0) {
    return;
  }
  const listed = await runKubectl(toolchain, files, ["get", "nodes", "-o", "name"]);
  const present = new Set(listed.stdout.split("\n").map((line) => line.replace(/^node\//, "")));
  const absent = nodes.filter(({ metadata }) => !present.has(metadata.name));
  const others = nodes.filter(({ metadata }) => present.has(metadata.name));
  const loads = [
    { items: absent, command: ["create", "-f", "-"] },
    {
      items: others.map((node) => ({ ...node, status: undefined })),
      command: ["apply", "--server-side", "--force-conflicts", "-f", "-"],
    },
  ];
  for (const { items, command } of loads.filter((load) => load.items.length > 0)) {
    const list = { apiVersion: "v1", kind: "List", items };
    const done = await runKubectl(toolchain, files, command, JSON.stringify(list));
    if (done.exitCode !== 0) {
      throw new ClusterProblem(`The nodes were refused: ${done.stderr.trim()}`);
    }
  }
}
