import { createRecord, type CurtailmentRecord } from "../../state/curtailments.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { drawnWatts } from "./draw-now.ts";
import { aheadMs } from "./measured-apart.ts";
import { fallMs } from "./ramp-fall.ts";
import { sleepLeadMs } from "../ramp/ramp-sleep.ts";

/** A curtailment that is announced now, or would be. */
export function recordAtNotice(
  state: EngineState,
  site: SiteState,
  curtailment: Curtailment,
): CurtailmentRecord {
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain of a curtailment");
  const byRampsMs = fallMs(state, site, curtailment);
  return createRecord(curtailment, {
    fallMs: byRampsMs,
    aheadMs: aheadMs(state, site, { curtailment, fallMs: byRampsMs }),
    sleepMs: sleepLeadMs(state, site, curtailment),
    drawnBeforeWatts: drawnWatts(state, site, domain),
  });
}
