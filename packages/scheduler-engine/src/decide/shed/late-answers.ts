import { acknowledgeMs } from "../../limits.ts";
import { holdsUntilMs } from "../../power/attempt-ends.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";

/**
 * What nodes hold that do not answer an order about caps, or to stop, comes back when they do: for that nobody is
 * asked below its floor, and nobody paused for longer than it bears. A cluster that is away answers nothing: what
 * has ended there holds its watts until it tells.
 */
export function isAnswerLate(
  { nowMs }: EngineState,
  site: SiteState,
  group: readonly CurtailmentRecord[],
): boolean {
  if (site.awaySinceMs !== undefined) {
    return true;
  }
  return [...site.attempts].some((attempt) => {
    const { phase, placement, capInForce, workAtMs, isOverdue } = attempt;
    const isLeaving = phase === "stopping" || phase === "exited";
    const isLate =
      (isLeaving && (isOverdue || nowMs >= holdsUntilMs(attempt))) ||
      (capInForce !== undefined && nowMs - workAtMs >= acknowledgeMs);
    return (
      isLate && group.some(({ curtailment: { domain } }) => isBelow(site, placement.nodes, domain))
    );
  });
}
