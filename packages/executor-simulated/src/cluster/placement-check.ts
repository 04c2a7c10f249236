import type { Placement } from "@ertis/scheduler-engine";
import type { NodeTable } from "./node-table.ts";
import { countBits } from "./tenancy.ts";
import type { ViolationKind } from "./violations.ts";

export interface PlacementProblem {
  readonly kind: ViolationKind;
  readonly detail: string;
}

/** Why a placement cannot be, whatever else runs; undefined when it can. */
function shapeProblem(
  placement: Placement,
  siteId: string,
  nodes: NodeTable,
): PlacementProblem | undefined {
  const bad = (detail: string): PlacementProblem => ({ kind: "bad-placement", detail });
  if (placement.site !== siteId) {
    return bad(`the placement is for site ${placement.site}, this is ${siteId}`);
  }
  if (placement.nodes.length === 0 || placement.nodes.length !== placement.gpuMasks.length) {
    return bad(`${placement.nodes.length} nodes with ${placement.gpuMasks.length} GPU masks`);
  }
  let previous = -1;
  for (const [position, node] of placement.nodes.entries()) {
    if (!nodes.has(node)) {
      return { kind: "unknown-node", detail: `site ${siteId} has no node ${node}` };
    }
    if (node <= previous) {
      return bad(`node ${node} comes after node ${previous}: nodes are ascending, each once`);
    }
    previous = node;
    const mask = placement.gpuMasks[position] ?? 0;
    const { gpuCount } = nodes.classOf(node);
    if (!Number.isInteger(mask) || mask < 1 || mask >= 2 ** gpuCount) {
      return bad(`GPU mask ${mask} on node ${node}, which has ${gpuCount} GPUs`);
    }
  }
  return undefined;
}

/** The whole check: the shape first, then GPUs that another attempt still holds. */
export function placementProblem(
  placement: Placement,
  siteId: string,
  nodes: NodeTable,
): PlacementProblem | undefined {
  const problem = shapeProblem(placement, siteId, nodes);
  if (problem !== undefined) {
    return problem;
  }
  for (const [position, node] of placement.nodes.entries()) {
    const mask = placement.gpuMasks[position] ?? 0;
    for (const tenancy of nodes.tenants(node)) {
      const both = tenancy.gpuMask & mask;
      if (both !== 0) {
        return {
          kind: "gpu-double-use",
          detail: `${countBits(both)} GPUs of node ${node} (mask ${both}) are still held by another attempt`,
        };
      }
    }
  }
  return undefined;
}
