import type { EngineState } from "../../state/engine-state.ts";
import { nodeAsleep, nodeLost, nodeOff } from "../../state/site-state.ts";

/**
 * Positions of a site's nodes whose power-off is wanted and not confirmed yet: they do not answer, or
 * are switched off to save watts.
 */
export function lostNodes(state: EngineState, site: string): readonly number[] {
  return nodesWhere(
    state,
    site,
    (flags) => (flags & nodeLost) !== 0 || ((flags & nodeAsleep) !== 0 && (flags & nodeOff) === 0),
  );
}

/** Positions of a site's nodes that are wanted on, their idle watts in the ledger. */
export function nodesUp(state: EngineState, site: string): readonly number[] {
  return nodesWhere(state, site, (flags) => (flags & (nodeLost | nodeOff | nodeAsleep)) === 0);
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
