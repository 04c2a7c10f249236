import { drawAt } from "@ertis/power-planning";
import { type Watts, watts } from "@ertis/quantities";
import type { SiteState } from "../../state/site-state.ts";
import { domainOfColumn } from "../../state/columns.ts";
import type { DescribedShed } from "../shed/describe-shed.ts";

/** What no target of a domain can be below, whichever floors of others are given up. */
export interface Unsheddable {
  /** Jobs there that are neither capped nor paused: of tier 0, unless that is given up. Tasks count one by one. */
  readonly protectedCount: number;
  /** What their GPUs are counted with. */
  readonly protectedDraw: Watts;
  /** Fixed loads, idle nodes that have to stay on, and what running nodes draw beside their GPUs. */
  readonly rest: Watts;
  /** Kept free for what jobs there may draw more, since nobody could be lowered or stopped for it; 0: nothing. */
  readonly keptFree: Watts;
}

/** As the plan counts it, at the domain of a column. */
export function unsheddableAt(
  site: SiteState,
  { members, problem, unsteered }: Pick<DescribedShed, "members" | "problem" | "unsteered">,
  ceiling: Float64Array,
  column: number,
): Unsheddable {
  const scale = site.site.domains[domainOfColumn(site, column)]?.loadScale ?? 1;
  const toWatts = (scaled: number): Watts => watts(Math.max(0, Math.ceil(scaled / scale)));
  const reserveScaled = unsteered?.column === column ? unsteered.reserveScaled : 0;
  let protectedCount = 0;
  let protectedScaled = 0;
  for (const { shed } of members) {
    const at = shed.domains.indexOf(column);
    if (shed.isProtected && at >= 0) {
      const floorWatts =
        problem.counts === "cap" ? shed.floorCapWatts : drawAt(shed.curve, shed.floorCapWatts);
      protectedCount += 1;
      protectedScaled += floorWatts * (shed.scaledPerGpuWatt[at] ?? 0);
    }
  }
  return {
    protectedCount,
    protectedDraw: toWatts(protectedScaled),
    rest: toWatts((ceiling[column] ?? 0) - (problem.roomScaled[column] ?? 0) - reserveScaled),
    keptFree: toWatts(reserveScaled),
  };
}
