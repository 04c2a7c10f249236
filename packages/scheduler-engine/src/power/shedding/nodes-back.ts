import { known } from "../../state/assert.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import { nodeOff, type SiteState } from "../../state/site-state.ts";
import { nodeWattsPerWatt } from "../attempt-watts.ts";

/** Of the idle watts of nodes that came back in the time that was measured, each drawn from the moment on at which it did. */
export interface NodesBack {
  /** What is in the means already. */
  readonly drawnWatts: number;
  /** What is not yet. */
  readonly comingWatts: number;
}

export function nodesBack(
  site: SiteState,
  { curtailment }: CurtailmentRecord,
  { fromMs, atMs }: { readonly fromMs: number; readonly atMs: number },
): NodesBack {
  const top = known(site.domainIndexById.get(curtailment.domain), "domain of a curtailment");
  let drawnWatts = 0;
  let comingWatts = 0;
  for (const [node, sinceMs] of site.turnedAtMs) {
    if (sinceMs > fromMs && ((site.nodeFlags[node] ?? 0) & nodeOff) === 0) {
      const watts = (site.nodeBounds[node]?.[0] ?? 0) * nodeWattsPerWatt(site, node, top);
      const part = (sinceMs - fromMs) / (atMs - fromMs);
      drawnWatts += watts * (1 - part);
      comingWatts += watts * part;
    }
  }
  return { drawnWatts, comingWatts };
}
