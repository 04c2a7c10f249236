import type { CurtailmentRecord, DrawnLast } from "../../state/curtailments.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import { boundWatts, idleWatts, wattsPerWatt } from "../attempt-watts.ts";
import type { Gone } from "./rest-gone.ts";

/** What was measured first in a domain, and what is gone of it by now. */
interface SeenFirst {
  readonly fromMs: number;
  readonly domainWatts: number;
  readonly drawn: readonly DrawnLast[];
  readonly gone: Gone;
}

/** Who takes no caps and draws less than this part of what it may on top of its nodes may be in a dip. */
const lowPart = 0.5;

/**
 * When jobs of a domain are measured for the first time, nobody knows what those usually draw that take no caps: who is in
 * a dip just then would be taken for one that always draws so little. What the domain drew more in the minutes before,
 * and no node that is off explains, is theirs who draw far less than they may: it comes back.
 */
export function withDipsAtFirst(
  site: SiteState,
  record: CurtailmentRecord,
  { fromMs, domainWatts, drawn, gone }: SeenFirst,
): readonly DrawnLast[] {
  const { drawnBeforeWatts, steered } = record;
  const nowWatts = domainWatts - gone.goneWatts;
  let missingWatts = drawnBeforeWatts - gone.restGoneWatts - nowWatts;
  if (missingWatts <= 0 || (steered?.drawn ?? []).length > 0) {
    return drawn;
  }
  const mostOf = mostWattsOf(site, record, fromMs);
  return drawn.map((one) => {
    const most = mostOf.get(taskIdOf(one)) ?? 0;
    if (one.restWatts >= lowPart * most) {
      return one;
    }
    const comingWatts = Math.min(most - one.restWatts, Math.max(0, missingWatts));
    missingWatts -= comingWatts;
    return { ...one, restWatts: one.restWatts + comingWatts };
  });
}

/** What those may draw on top of their nodes that take no caps and ran before. */
function mostWattsOf(
  site: SiteState,
  record: CurtailmentRecord,
  beforeMs: number,
): ReadonlyMap<TaskId, number> {
  const mostOf = new Map<TaskId, number>();
  for (const attempt of site.attempts) {
    const { phase, runsFromMs, curve, placement } = attempt;
    if (phase === "running" && runsFromMs <= beforeMs && curve === undefined) {
      const aboveIdle = boundWatts(site, attempt) - idleWatts(site, attempt);
      mostOf.set(taskIdOf(attempt), aboveIdle * wattsPerWatt(site, record, placement.nodes));
    }
  }
  return mostOf;
}
