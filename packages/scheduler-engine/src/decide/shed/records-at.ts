import { toNumber } from "@ertis/quantities";
import { runningRecords } from "../../power/shedding/effects.ts";
import { actsOnBounds } from "../../power/stale-meters.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";

/**
 * Of the curtailments that bounds must not exceed the one that lasts longest: its tiers are the hardest to keep. A
 * planned one that is steered asks for its own; only where nothing else is on it tells how long a plan reaches.
 */
export function longestRecord(
  state: EngineState,
  site: SiteState,
  atMs: number,
): CurtailmentRecord | undefined {
  const running = [...recordsAt(state, site, atMs)];
  const onBounds = running.filter((one) => actsOnBounds(site, one.curtailment, state.nowMs));
  return (onBounds.length > 0 ? onBounds : running).reduce<CurtailmentRecord | undefined>(
    (longest, one) =>
      longest === undefined || one.curtailment.end > longest.curtailment.end ? one : longest,
    undefined,
  );
}

/** Those that are on, or will be at a later moment. */
export function recordsAt(
  state: EngineState,
  { site }: SiteState,
  atMs: number,
): Iterable<CurtailmentRecord> {
  return atMs <= state.nowMs
    ? runningRecords(state, site.id)
    : [...state.curtailments.records.values()].filter(
        ({ curtailment: { site: id, start, end }, isOver }) =>
          id === site.id && !isOver && toNumber(start) <= atMs && atMs < toNumber(end),
      );
}
