import { restrictShared } from "@ertis/power-planning";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { actsOnBounds } from "../stale-meters.ts";
import { isBelow, runningRecords } from "./effects.ts";
import type { ShedMember } from "./shed-jobs.ts";

/**
 * What a planned curtailment holds, its steering raises, as long as somebody measures: does one of them hold what runs on
 * these nodes?
 */
export function raisedBySteering(
  state: EngineState,
  site: SiteState,
): (nodes: readonly number[]) => boolean {
  const domains = [...runningRecords(state, site.site.id)]
    .filter(
      ({ curtailment }) =>
        curtailment.mode === "planned" && !actsOnBounds(site, curtailment, state.nowMs),
    )
    .map(({ curtailment }) => curtailment.domain);
  return (nodes) => domains.some((domain) => isBelow(site, nodes, domain));
}

/** As it is planned for by whoever may lower it and not raise it: nobody else is lowered so that it could rise. */
export function withoutRaise(member: ShedMember): ShedMember {
  const { shed } = member;
  const highestCapWatts = Math.max(shed.capNowWatts, shed.floorCapWatts);
  const lowestCapWatts = shed.curve.points[0]?.capWatts ?? 0;
  const curve = restrictShared(shed.curve, { lowestCapWatts, highestCapWatts });
  return { ...member, shed: { ...shed, curve } };
}
