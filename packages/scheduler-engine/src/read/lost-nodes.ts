import type { EngineState } from "../state/engine-state.ts";
import { nodeLost, nodeOff } from "../state/site-state.ts";

/** Positions of a site's nodes that do not answer and whose power-off is not confirmed yet. */
export function lostNodes(state: EngineState, site: string): readonly number[] {
  return nodesWhere(state, site, (flags) => (flags & nodeLost) !== 0);
}

/** Positions of a site's nodes that are neither lost nor off: their idle watts are in the ledger. */
export function nodesUp(state: EngineState, site: string): readonly number[] {
  return nodesWhere(state, site, (flags) => (flags & (nodeLost | nodeOff)) === 0);
}

function nodesWhere(
  state: EngineState,
  site: string,
  isMeant: (flags: number) => boolean,
): readonly number[] {
  const nodes: number[] = [];
  state.sites.get(site)?.nodeFlags.forEach((flags, node) => {
    if (isMeant(flags)) {
      nodes.push(node);
    }
  });
  return nodes;
}
