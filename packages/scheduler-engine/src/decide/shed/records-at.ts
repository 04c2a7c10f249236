import { toNumber } from "@ertis/quantities";
import { runningRecords } from "../../power/shedding/effects.ts";
import { actsOnBounds } from "../../power/stale-meters.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";

/** The curtailments that bounds must not exceed, the one first that ends first: so far a plan reaches. */
export function boundRecords(
  state: EngineState,
  site: SiteState,
  atMs: number,
): readonly CurtailmentRecord[] {
  return [...recordsAt(state, site, atMs)]
    .filter((one) => actsOnBounds(site, one.curtailment, state.nowMs))
    .toSorted((a, b) => toNumber(a.curtailment.end) - toNumber(b.curtailment.end));
}

/** A planned one that is steered asks for its own; only where nothing else is on it tells how long a plan reaches. */
export function longestRecord(
  state: EngineState,
  site: SiteState,
  atMs: number,
): CurtailmentRecord | undefined {
  return [...recordsAt(state, site, atMs)].toSorted(
    (a, b) => toNumber(b.curtailment.end) - toNumber(a.curtailment.end),
  )[0];
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
