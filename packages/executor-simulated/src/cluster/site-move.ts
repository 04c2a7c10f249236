import type { AttemptKey, Observation } from "@ertis/scheduler-engine";
import { textOf } from "./attempt-record.ts";
import type { Happening } from "./event-heap.ts";
import type { ClusterSite } from "./cluster-site.ts";

/** From one revision of a site to another: nodes are the same when their ids are. */
export interface SiteMove {
  readonly before: ClusterSite;
  readonly after: ClusterSite;
  /** New position of each node of `before`; -1: it is gone. */
  readonly positions: readonly number[];
  /** Positions in `after` of nodes that `before` does not have. */
  readonly added: readonly number[];
}

export function moveBetween(before: ClusterSite, after: ClusterSite): SiteMove {
  const newPositions = new Map(after.nodes.map(({ id }, node) => [id, node]));
  const oldIds = new Set(before.nodes.map(({ id }) => id));
  return {
    before,
    after,
    positions: before.nodes.map(({ id }) => newPositions.get(id) ?? -1),
    added: after.nodes.flatMap(({ id }, node) => (oldIds.has(id) ? [] : [node])),
  };
}

/** @returns -1 when the node is gone */
export function movedNode(move: SiteMove, node: number): number {
  return move.positions[node] ?? -1;
}

/** How many reasons a refusal lists before it says how many more there are. */
const reasonsShownMax = 10;

/**
 * Why the edited site cannot be taken over: a node that goes, or gets other GPUs, must hold nothing.
 * Empty when it can.
 */
export function strandingReasons(
  move: SiteMove,
  holdersOn: (node: number) => readonly AttemptKey[],
): readonly string[] {
  const reasons = move.before.nodes.flatMap(({ id }, node) => {
    const what = changeOf(move, node);
    const holders = what === undefined ? [] : holdersOn(node);
    return holders.length === 0
      ? []
      : [`node ${id} would ${what}, and attempt ${holders.map(textOf).join(", ")} is still there`];
  });
  const moreCount = reasons.length - reasonsShownMax;
  return moreCount > 0
    ? [...reasons.slice(0, reasonsShownMax), `and ${moreCount} more nodes`]
    : reasons;
}

function changeOf(move: SiteMove, node: number): string | undefined {
  const position = movedNode(move, node);
  if (position < 0) {
    return "be gone";
  }
  const was = classOf(move.before, node);
  const is = classOf(move.after, position);
  return was?.gpuCount === is?.gpuCount && was?.gpuModel === is?.gpuModel
    ? undefined
    : "have other GPUs";
}

function classOf(site: ClusterSite, node: number): ClusterSite["nodeClasses"][number] | undefined {
  return site.nodeClasses[site.nodes[node]?.classIndex ?? -1];
}

/** @returns undefined when it would happen to a node that is gone */
export function movedHappening(happening: Happening, move: SiteMove): Happening | undefined {
  if (happening.node < 0) {
    return happening;
  }
  const node = movedNode(move, happening.node);
  return node < 0 ? undefined : { ...happening, node };
}

/** @returns undefined when all it tells of is gone */
export function movedObservation(
  observation: Observation,
  move: SiteMove,
): Observation | undefined {
  switch (observation.kind) {
    case "attempt-running":
    case "attempt-exited":
    case "checkpointed":
    case "cluster-away":
    case "cluster-back":
    // Of domains, which imaginary clusters say nothing about.
    case "supply-lost":
    case "supply-back":
      return observation;
    case "stop-confirmed":
    case "cap-applied": {
      // An empty list says "everywhere": it must not become one, nor stop being one.
      const nodes = observation.nodes
        .map((node) => movedNode(move, node))
        .filter((node) => node >= 0);
      const isGone = observation.nodes.length > 0 && nodes.length === 0;
      return isGone ? undefined : { ...observation, nodes };
    }
    case "node-lost":
    case "node-powered-off":
    case "node-ready": {
      const node = movedNode(move, observation.node);
      return node < 0 ? undefined : { ...observation, node };
    }
  }
}
