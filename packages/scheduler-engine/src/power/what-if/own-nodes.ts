import type { PausedTask } from "../../state/curtailments.ts";
import type { SiteState } from "../../state/site-state.ts";
import { refreshCounts } from "../free-counts.ts";

/** Asks for a task: what is kept for it does not stand in its own way. */
export function withOwnNodes<T>(
  site: SiteState,
  { nodes, isShrinking }: Pick<PausedTask, "nodes" | "isShrinking">,
  ask: () => T,
): T {
  const own = (isShrinking ? nodes : []).flatMap((node) => {
    const held = site.returnNodes.get(node);
    return held === undefined ? [] : [{ node, held }];
  });
  own.forEach(({ node }) => {
    site.returnNodes.delete(node);
    refreshCounts(site, node);
  });
  try {
    return ask();
  } finally {
    own.forEach(({ node, held }) => {
      site.returnNodes.set(node, held);
      refreshCounts(site, node);
    });
  }
}
