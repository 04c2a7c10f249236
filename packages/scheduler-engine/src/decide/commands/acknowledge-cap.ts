import { nodeLost, type SiteState } from "../../state/site-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { Observation } from "../../words/attempt.ts";
import type { Deciding } from "../deciding.ts";

/**
 * Word that a cap holds. Only the newest order counts: after an older one the node may still have
 * carried out what came in between. A lost node cannot have said anything. Who was silent before and answers now is heard
 * also where nothing is lowered: he can be asked again.
 */
export function acknowledgeCap(
  deciding: Deciding,
  site: SiteState,
  attempt: Attempt,
  observation: Extract<Observation, { readonly kind: "cap-applied" }>,
): void {
  const { capInForce } = attempt;
  if (observation.order !== attempt.capOrder || observation.capWatts !== attempt.capWatts) {
    return;
  }
  const named = observation.nodes.length === 0 ? attempt.heldNodes : new Set(observation.nodes);
  const nodes = [...named]
    .filter((node) => capInForce?.has(node) === true || site.silentNodes.has(node))
    .filter((node) => ((site.nodeFlags[node] ?? 0) & nodeLost) === 0)
    .toSorted((a, b) => a - b);
  if (nodes.length === 0) {
    return;
  }
  deciding.emit({
    kind: "cap-acknowledged",
    attempt: observation.attempt,
    nodes: nodes.length === attempt.heldNodes.length ? [] : nodes,
    capWatts: observation.capWatts,
  });
}
