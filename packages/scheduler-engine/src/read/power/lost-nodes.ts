import type { EngineState } from "../../state/engine-state.ts";
import { nodeAsleep, nodeLost, nodeOff } from "../../state/site-state.ts";

/**
 * Positions of a site's nodes whose power-off is wanted and not confirmed yet: they do not answer, or
 * are switched off to save watts. Those that are tried, since they did not wake, are wanted on.
 */
export function lostNodes(state: EngineState, site: string): readonly number[] {
  return nodesWhere(
    state,
    site,
    (flags, isTried) =>
      ((flags & nodeLost) !== 0 && !isTried) ||
      ((flags & nodeAsleep) !== 0 && (flags & nodeOff) === 0),
  );
}

/** Positions of a site's nodes that are wanted on, their idle watts in the ledger. */
export function nodesUp(state: EngineState, site: string): readonly number[] {
  return nodesWhere(
    state,
    site,
    (flags, isTried) =>
      (flags & (nodeLost | nodeOff | nodeAsleep)) === 0 ||
      (isTried && (flags & (nodeOff | nodeAsleep)) === 0),
  );
}

function nodesWhere(
  state: EngineState,
  id: string,
  isMeant: (flags: number, isTried: boolean) => boolean,
): readonly number[] {
  const site = state.sites.get(id);
  const nodes: number[] = [];
  site?.nodeFlags.forEach((flags, node) => {
    if (isMeant(flags, site.wakeAskedAtMs.has(node))) {
      nodes.push(node);
    }
  });
  return nodes;
}
