import type { ShedPlan, ShedProblem } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { switchOffMs } from "../../limits.ts";
import { sleepStages } from "../../power/ramp/ramp-sleep.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";

type Sleeps = Pick<ShedPlan, "powerOffNodes"> & Pick<ShedProblem, "noticeMs">;

/**
 * From when on each of the nodes that a plan switches off is surely off, counted from the start. They go off when
 * it is decided who does what: together where no ramp stands above, else in the stages that ramps allow. Who finds
 * no room before the end stays on.
 */
export function offMoments(
  state: EngineState,
  site: SiteState,
  curtailment: Curtailment,
  { powerOffNodes, noticeMs }: Sleeps,
): ReadonlyMap<number, number> {
  const ramps = state.ramps.get(site.site.id);
  if (curtailment.mode !== "planned" || ramps === undefined) {
    return new Map(powerOffNodes.map((node) => [node, switchOffMs - noticeMs]));
  }
  const startMs = toNumber(curtailment.start);
  const stages = sleepStages(site, ramps, powerOffNodes, {
    nowMs: state.nowMs,
    fromMs: startMs - noticeMs,
    untilMs: toNumber(curtailment.end),
  });
  return new Map(
    stages.flatMap(({ atMs, nodes }) =>
      nodes.map((node) => [node, Math.ceil(atMs) + switchOffMs - startMs] as const),
    ),
  );
}
