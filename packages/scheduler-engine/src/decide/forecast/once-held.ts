import type { PlanFor } from "../shed/plan-together.ts";

/** Scaled load of a domain once the target holds. */
export interface OnceHeld {
  /** What the plan leaves alone. */
  readonly besideScaled: number;
  /** Of idle nodes that stay on. */
  readonly idleScaled: number;
  readonly allScaled: number;
}

interface PlannedUnder extends PlanFor {
  readonly ceiling: Float64Array;
}

export function onceHeld(
  domain: number,
  { ceiling, described, plan }: PlannedUnder,
  off: ReadonlyMap<number, number>,
): OnceHeld {
  const { idleNodes, roomScaled } = described.problem;
  const drawnBy = (nodes: typeof idleNodes): number =>
    nodes.reduce((sum, node) => sum + (node.wattsScaled[node.domains.indexOf(domain)] ?? 0), 0);
  // What is kept free nobody is expected to draw.
  const reserveScaled = described.unsteered?.reserveScaled ?? 0;
  const besideScaled = (ceiling[domain] ?? 0) - (roomScaled[domain] ?? 0) - reserveScaled;
  const idleScaled = drawnBy(idleNodes) - drawnBy(idleNodes.filter((node) => off.has(node.id)));
  const allScaled = besideScaled + idleScaled + (plan.usedScaled[domain] ?? 0);
  return { besideScaled, idleScaled, allScaled };
}
