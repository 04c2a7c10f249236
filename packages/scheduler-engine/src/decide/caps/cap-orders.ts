import { instant } from "@ertis/quantities";
import { endsByUnder } from "../../power/shedding/ends-under.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";

/** Caps of running attempts that differ by less stay as they are: every change costs a round trip. */
export const capHysteresisWatts = 5;

/** The highest cap of an attempt's GPUs, which is the same as none; 0: they cannot be capped. */
export function highestCap(site: SiteState, attempt: Attempt): number {
  return site.nodePool[attempt.placement.nodes[0] ?? -1]?.gpuCap?.highestWatts ?? 0;
}

/** The cap its GPUs have now, the highest when they have none. */
export function capNow(site: SiteState, attempt: Attempt): number {
  return attempt.capWatts === 0 ? highestCap(site, attempt) : attempt.capWatts;
}

/** Can its cap be changed at all? */
export function takesCaps(attempt: Attempt): boolean {
  return (
    attempt.curve !== undefined && (attempt.phase === "starting" || attempt.phase === "running")
  );
}

/**
 * Orders another cap, in whole watts, or none at the highest. A raise must fit already (`mayRaise`).
 */
export function orderCap(deciding: Deciding, attempt: Attempt, capWatts: number): void {
  const { job, task, attempt: number } = attempt;
  deciding.emit({
    kind: "cap-set",
    attempt: { job, task, attempt: number },
    capWatts,
    endsBy: instant(endsByUnder(deciding.state, attempt, capWatts)),
  });
}
