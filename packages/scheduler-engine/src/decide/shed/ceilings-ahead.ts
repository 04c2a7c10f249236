import { toNumber } from "@ertis/quantities";
import { forcedCeilingsAt } from "../../power/horizons.ts";
import { plannedTargetWatts } from "../../power/shedding/planned-target.ts";
import { known } from "../../state/assert.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { isAnyoneOut } from "./held-at-floors.ts";
import { passedWatts, surelyPassedWatts } from "./passed-target.ts";

/** What planned curtailments of a group leave when the first of them begins, by how sure it is. */
export interface CeilingsAhead {
  /** Scaled, by domain: with what steering keeps free, less by what the targets have been passed. */
  readonly ceiling: Float64Array;
  /** The same without margins; undefined: the targets were passed, and nothing is left to hope for. */
  readonly bareCeiling: Float64Array | undefined;
  /** The ceiling so large a part above the targets; undefined: they were passed by more. */
  readonly closeCeiling: (part: number) => Float64Array | undefined;
  /** Does what was drawn tell by how much the targets are passed with everybody at work? */
  readonly isToldByAll: boolean;
}

/** A budget pauses nobody, and what it lowers helps every target: limits, supplies and emergencies are asked beside them. */
export function ceilingsAhead(
  state: EngineState,
  site: SiteState,
  { startMs, group }: { readonly startMs: number; readonly group: readonly CurtailmentRecord[] },
): CeilingsAhead {
  const passed = (one: CurtailmentRecord): number => passedWatts(one, state.nowMs);
  const isPassed = group.some((one) => passed(one) > 0);
  const ceilingFor = (wattsOf: (record: CurtailmentRecord) => number): Float64Array =>
    ceilingOf(site, startMs, group, wattsOf);
  return {
    ceiling: ceilingFor((one) => plannedTargetWatts(one) - passed(one)),
    bareCeiling: isPassed ? undefined : ceilingFor(targetWatts),
    closeCeiling: (part) =>
      group.some((one) => surelyPassedWatts(one, state.nowMs) > targetWatts(one) * part)
        ? undefined
        : ceilingFor((one) => targetWatts(one) * (1 + part)),
    isToldByAll: isPassed && !group.some((one) => isAnyoneOut(state, site, one)),
  };
}

function targetWatts({ curtailment }: CurtailmentRecord): number {
  return toNumber(curtailment.target);
}

/** Scaled, by domain: what must not be exceeded, with so many watts for each of a group. */
function ceilingOf(
  site: SiteState,
  atMs: number,
  group: readonly CurtailmentRecord[],
  wattsOf: (record: CurtailmentRecord) => number,
): Float64Array {
  const ceiling = forcedCeilingsAt(site, atMs);
  for (const one of group) {
    const id = one.curtailment.domain;
    const domain = known(site.domainIndexById.get(id), "domain of a curtailment");
    const scale = site.site.domains[domain]?.loadScale ?? 1;
    ceiling[domain] = Math.min(ceiling[domain] ?? 0, wattsOf(one) * scale);
  }
  return ceiling;
}
