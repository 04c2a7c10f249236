import type { SettledPlan } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { DescribedShed } from "./describe-shed.ts";

/**
 * Would a plan stop somebody although nobody is out, and bounds hold all its targets with everybody, whatever is drawn? Then
 * only margins of the steering are missing: a start that bounds have let in would be stopped at the next measurement.
 */
export function stopsForMargin(
  site: SiteState,
  { group, members }: DescribedShed,
  { pauses, shrinks }: Pick<SettledPlan, "pauses" | "shrinks">,
  nowMs: number,
): boolean {
  return (
    pauses.length + shrinks.length > 0 &&
    members.every(({ attempt }) => attempt !== undefined) &&
    group.every((one) => isHeldByBounds(site, one, nowMs))
  );
}

function isHeldByBounds(
  site: SiteState,
  { curtailment: { domain, start, target } }: CurtailmentRecord,
  nowMs: number,
): boolean {
  const at = site.domainIndexById.get(domain) ?? 0;
  const scale = site.site.domains[at]?.loadScale ?? 1;
  const load = site.horizons[0]?.load[at] ?? Infinity;
  return toNumber(start) <= nowMs && load <= toNumber(target) * scale;
}
