import type { ShedPlan } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { planAtMs } from "../decide/run-curtailments.ts";
import { switchOffMs } from "../limits.ts";
import { fallMs } from "../power/ramp-fall.ts";
import { sleepLeadMs, sleepStages } from "../power/ramp-sleep.ts";
import { createRecord } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";

/**
 * From when on each of the nodes that a plan switches off is surely off, counted from the start: at once where
 * no ramp stands above, else in the stages that ramps allow. Who finds no room before the end stays on.
 */
export function offMoments(
  state: EngineState,
  site: SiteState,
  curtailment: Curtailment,
  { powerOffNodes }: Pick<ShedPlan, "powerOffNodes">,
): ReadonlyMap<number, number> {
  const ramps = state.ramps.get(site.site.id);
  const startMs = toNumber(curtailment.start);
  if (curtailment.mode !== "planned" || ramps === undefined) {
    // They go off when it is decided who does what.
    const offMs = switchOffMs - Math.max(0, startMs - state.nowMs);
    return new Map(powerOffNodes.map((node) => [node, offMs]));
  }
  const record = createRecord(curtailment, {
    fallMs: fallMs(state, site, curtailment),
    sleepMs: sleepLeadMs(state, site, curtailment),
  });
  const stages = sleepStages(site, ramps, powerOffNodes, {
    nowMs: state.nowMs,
    fromMs: Math.max(state.nowMs, planAtMs(state, record)),
    untilMs: toNumber(curtailment.end),
  });
  return new Map(
    stages.flatMap(({ atMs, nodes }) =>
      nodes.map((node) => [node, Math.ceil(atMs) + switchOffMs - startMs] as const),
    ),
  );
}
