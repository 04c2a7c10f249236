import { nodeLost, nodeOff, type SiteState } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";

/** Its bound stays; the gangs on it are asked to stop everywhere, since they cannot go on. */
export function loseNode(deciding: Deciding, site: SiteState, node: number): void {
  if (((site.nodeFlags[node] ?? 0) & (nodeLost | nodeOff)) !== 0) {
    return;
  }
  deciding.emit({ kind: "node-lost", site: site.site.id, node });
  for (const attempt of site.attemptsOnNode[node] ?? []) {
    if (attempt.phase === "starting" || attempt.phase === "running") {
      const { job, task, attempt: count } = attempt;
      deciding.emit({
        kind: "stop-requested",
        attempt: { job, task, attempt: count },
        reason: "node",
      });
    }
  }
}
