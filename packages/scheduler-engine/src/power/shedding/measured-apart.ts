/** How far apart measurements of a domain come, and how much sooner caps fall where that is far. */
import { toNumber } from "@ertis/quantities";
import { learnsBeforeMs } from "../../limits.ts";
import {
  type CurtailmentRecord,
  type DrawHistory,
  drawKey,
  leadMsOf,
} from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { staleAfterMs } from "../stale-meters.ts";

const minuteMs = 60_000;
/** Measurements that follow each other sooner leave time within its first minute to come down. */
const seldomMs = 25_000;

/** Is every measurement kept at a time? Also while any curtailment runs: its compliance is told by the second. */
export function isEveryOneKept(state: EngineState, site: SiteState, atMs: number): boolean {
  return site.curtailments.some((one) => {
    const record = state.curtailments.records.get(one.id);
    const leadMs = record === undefined ? 0 : leadMsOf(record);
    const learnsMs = one.mode === "planned" ? learnsBeforeMs + leadMs : 0;
    return toNumber(one.start) - learnsMs <= atMs && atMs <= toNumber(one.end) + minuteMs;
  });
}

/**
 * Notes how far apart measurements come, before `history` knows of the one of now. Those that were left out between
 * two kept ones are not known, so that only less is learned then. One that is missing is no reason to take them for seldom.
 */
export function noteApart(history: DrawHistory, nowMs: number, isEveryOne: boolean): void {
  const ms = nowMs - history.lastAtMs;
  if (ms > 0 && ms <= staleAfterMs) {
    const { apartMs = ms } = history;
    history.apartMs = Math.min(ms, isEveryOne ? 2 * apartMs : apartMs);
  }
}

/**
 * So much sooner the line of a planned one begins, and ends: caps move when it is measured, and where that is seldom
 * the last measurement before its start has to ask for what holds from its first second on.
 */
export function aheadMs(state: EngineState, site: SiteState, falling: Falling): number {
  const { curtailment, fallMs } = falling;
  const leadMs = leadMsOf({ curtailment, fallMs, aheadMs: 0 });
  const isKnownInTime = toNumber(curtailment.start) - leadMs - state.nowMs >= minuteMs;
  return isKnownInTime && isMeasuredSeldom(state, site, curtailment) ? minuteMs : 0;
}

/** Where its notice leaves no time for that, so much later: the first measurement in it is the first that moves caps. */
export function behindMs(
  state: EngineState,
  site: SiteState,
  { curtailment, aheadMs: ms }: Pick<CurtailmentRecord, "curtailment" | "aheadMs">,
): number {
  return ms === 0 && isMeasuredSeldom(state, site, curtailment) ? minuteMs : 0;
}

type Falling = Pick<CurtailmentRecord, "curtailment" | "fallMs">;

function isMeasuredSeldom(
  state: EngineState,
  site: SiteState,
  { mode, domain: id }: Curtailment,
): boolean {
  const domain = site.domainIndexById.get(id);
  const history =
    domain === undefined ? undefined : state.curtailments.draws.get(drawKey(site, domain));
  return mode === "planned" && (history?.apartMs ?? 0) > seldomMs;
}
