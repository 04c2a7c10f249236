import { toNumber } from "@ertis/quantities";
import { isWithin, plannedTogether } from "../../power/shedding/planned-group.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { isHeldAtFloors } from "./held-at-floors.ts";

/**
 * Does a curtailment that is to begin ask for no more than others that are on, and hold with every job at its floor? Then
 * what goes on now holds its target as well, though a plan with margins may not, and no floor gives way for a margin.
 */
export function isAskedAlready(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
): boolean {
  const beside = plannedTogether(state, site, record, state.nowMs).filter((one) => one !== record);
  return (
    beside.some((one) => asksAtLeast(site, one, record)) &&
    beside.every((one) => isHeldAtFloors(state, site, one))
  );
}

/** Is a target no higher than another one at its domain, or inside it, which it outlasts? */
function asksAtLeast(
  site: SiteState,
  { curtailment: one }: CurtailmentRecord,
  { curtailment: other }: CurtailmentRecord,
): boolean {
  const [top, domain] = [one, other].map((of) => site.domainIndexById.get(of.domain) ?? -1);
  return (
    isWithin(site, domain ?? -1, top ?? -1) &&
    toNumber(one.target) <= toNumber(other.target) &&
    one.end >= other.end
  );
}
