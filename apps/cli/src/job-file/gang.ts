import type { Read } from "./parse-settings.ts";

/** Nodes that start together, and the GPUs on each. */
export interface Gang {
  readonly nodeCount: number;
  readonly gpusPerNode: number;
}

/** What was asked for; undefined = not said. */
export interface GangWish {
  readonly nodes: number | undefined;
  readonly gpus: number | undefined;
  readonly gpusPerNode: number | undefined;
}

/** What `--gpus` alone fills a node with before it takes another. */
const usualNodeGpuCount = 8;

/** `1 GPU`, `8 GPUs`. */
function showGpus(count: number): string {
  return `${count} GPU${count === 1 ? "" : "s"}`;
}

function isAre(count: number): string {
  return count === 1 ? "is" : "are";
}

function spread(gpus: number, nodes: number): Read<Gang> {
  return gpus % nodes === 0
    ? { kind: "ok", value: { nodeCount: nodes, gpusPerNode: gpus / nodes } }
    : {
        kind: "wrong",
        message: `${showGpus(gpus)} cannot be spread evenly over ${nodes} ${nodes === 1 ? "node" : "nodes"}: use --gpus-per-node`,
      };
}

/**
 * The gang from what was said: `--gpus` counts all of them, as in Slurm. Alone it means one node up to 8,
 * above that whole nodes of 8.
 */
export function toGang(wish: GangWish): Read<Gang> {
  const { nodes, gpus, gpusPerNode } = wish;
  if (gpusPerNode !== undefined && gpus !== undefined) {
    const nodeCount = nodes ?? gpus / gpusPerNode;
    return nodeCount * gpusPerNode === gpus && Number.isInteger(nodeCount)
      ? { kind: "ok", value: { nodeCount, gpusPerNode } }
      : {
          kind: "wrong",
          message: `${showGpus(gpus)} ${isAre(gpus)} not ${nodes ?? "whole"} ${nodes === 1 ? "node" : "nodes"} of ${gpusPerNode}: leave one of them out`,
        };
  }
  if (gpusPerNode !== undefined) {
    return { kind: "ok", value: { nodeCount: nodes ?? 1, gpusPerNode } };
  }
  if (gpus === undefined) {
    return { kind: "ok", value: { nodeCount: nodes ?? 1, gpusPerNode: 1 } };
  }
  if (nodes === undefined && gpus > usualNodeGpuCount && gpus % usualNodeGpuCount !== 0) {
    return {
      kind: "wrong",
      message: `${showGpus(gpus)} do not fill whole nodes of ${usualNodeGpuCount}: say --nodes or --gpus-per-node`,
    };
  }
  return spread(gpus, nodes ?? Math.max(1, gpus / usualNodeGpuCount > 1 ? gpus / 8 : 1));
}
