import { type SettledPlan, trySettled } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { isRelated } from "../../power/shedding/planned-group.ts";
import { known } from "../../state/assert.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { ceilingOf } from "../shed/plan-together.ts";
import { type Together, withoutTarget } from "./forecast-together.ts";

/** Plans differ by so much of their time where nothing is asked otherwise: caps are whole watts. */
const samePart = 0.001;

/**
 * Members (by position) of whom others that are in force at the start of a curtailment would take as much without it:
 * what its plan does to them is no work of its own.
 */
export function lostAnyway(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  { atStart, plan }: { readonly atStart: Together; readonly plan: SettledPlan },
): (position: number) => boolean {
  if (atStart.others.length === 0 && !isBesideEmergency(state, site, record)) {
    return () => false;
  }
  const { start, domain } = record.curtailment;
  const own = known(site.domainIndexById.get(domain), "domain");
  const ceilingWithout = ceilingOf(site, atStart.others, toNumber(start));
  const { problem } = withoutTarget({ ...atStart, ceilingWithout }, own).described;
  const without = trySettled(problem);
  const hairMs = samePart * problem.eventMs;
  return (at) => {
    const lostMs = plan.losses[at]?.lostMs ?? 0;
    return without.kind === "plan" && (without.plan.losses[at]?.lostMs ?? 0) >= lostMs - hairMs;
  };
}

function isBesideEmergency(
  { curtailments }: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
): boolean {
  const atMs = toNumber(record.curtailment.start);
  return [...curtailments.records.values()].some(
    (other) =>
      !other.isOver &&
      other.curtailment.mode === "emergency" &&
      other.curtailment.site === site.site.id &&
      toNumber(other.curtailment.start) <= atMs &&
      atMs < toNumber(other.curtailment.end) &&
      isRelated(site, record, other),
  );
}
