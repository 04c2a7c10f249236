import type { EngineState } from "../state/engine-state.ts";
import { nodeLost } from "../state/site-state.ts";

/** Positions of a site's nodes that do not answer and whose power-off is not confirmed yet. */
export function lostNodes(state: EngineState, site: string): readonly number[] {
  const nodes: number[] = [];
  state.sites.get(site)?.nodeFlags.forEach((flags, node) => {
    if ((flags & nodeLost) !== 0) {
      nodes.push(node);
    }
  });
  return nodes;
}
