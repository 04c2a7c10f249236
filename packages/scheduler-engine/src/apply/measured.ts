import { toNumber } from "@ertis/quantities";
import { refreshHorizons } from "../power/horizons.ts";
import { drawnWatts } from "../power/shedding/draw-now.ts";
import { aheadMs, isEveryOneKept, noteApart } from "../power/shedding/measured-apart.ts";
import { fallMs } from "../power/shedding/ramp-fall.ts";
import { sleepLeadMs } from "../power/ramp/ramp-sleep.ts";
import { noteMeasured, staleAfterMs } from "../power/stale-meters.ts";
import { known } from "../state/assert.ts";
import { beginsAtMs, type CurtailmentRecord, drawKey } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";
import type { DrawMeasured } from "../words/event.ts";
import { type MeasuredTarget, steerPlanned } from "./steer-planned.ts";

const minuteMs = 60_000;
/** A baseline is the mean of so many minutes. */
const minutesKept = 60;

/** What was drawn since the last measurement goes into baselines, compliance and steering. */
export function drawMeasured(state: EngineState, event: DrawMeasured): void {
  const site = known(state.sites.get(event.site), "site of a measurement");
  const returned = event.domains.filter((domain) => noteMeasured(site, domain, state.nowMs));
  if (returned.length > 0) {
    refreshHorizons(site, state.nowMs);
    state.releaseCount += 1;
  }
  const targets: MeasuredTarget[] = [];
  event.domains.forEach((domain, at) => {
    const watts = event.watts[at] ?? 0;
    const key = drawKey(site, domain);
    let history = state.curtailments.draws.get(key);
    if (history === undefined) {
      history = { lastAtMs: state.nowMs, minutes: [] };
      state.curtailments.draws.set(key, history);
    }
    const fromMs = history.lastAtMs;
    noteApart(history, state.nowMs, isEveryOneKept(state, site, fromMs));
    // What nobody measured for long is not measured afterwards either: nor is it known how much of it the
    // first reading after the silence is of.
    const countedFromMs = state.nowMs - fromMs > staleAfterMs ? state.nowMs : fromMs;
    addToHistory(history, { fromMs: countedFromMs, atMs: state.nowMs, watts });
    for (const record of recordsOf(state, site, domain)) {
      addToRecord(record, { fromMs: countedFromMs, atMs: state.nowMs, watts });
      if (record.isOver) {
        continue;
      }
      // What has started since the notice has to come down, too.
      if (state.nowMs < beginsAtMs(record)) {
        record.fallMs = Math.max(record.fallMs, fallMs(state, site, record.curtailment));
        record.aheadMs = Math.max(record.aheadMs, aheadMs(state, site, record));
        record.sleepMs = Math.max(record.sleepMs, sleepLeadMs(state, site, record.curtailment));
      }
      if (state.nowMs <= beginsAtMs(record)) {
        record.drawnBeforeWatts = drawnWatts(state, site, domain);
      }
      if (record.curtailment.mode === "planned") {
        targets.push({ record, fromMs, domainWatts: watts });
      }
    }
  });
  steerPlanned(state, site, event, targets);
}

function* recordsOf(
  state: EngineState,
  site: SiteState,
  domain: number,
): Generator<CurtailmentRecord, void, void> {
  for (const record of state.curtailments.records.values()) {
    const { curtailment, isOver } = record;
    const isLongOver = isOver && toNumber(curtailment.end) + staleAfterMs < state.nowMs;
    if (
      !isLongOver &&
      curtailment.site === site.site.id &&
      site.domainIndexById.get(curtailment.domain) === domain
    ) {
      yield record;
    }
  }
}

function addToHistory(
  history: { lastAtMs: number; readonly minutes: [number, number, number][] },
  { fromMs, atMs: nowMs, watts }: Stretch,
): void {
  const spanMs = nowMs - fromMs;
  history.lastAtMs = nowMs;
  if (spanMs <= 0) {
    return;
  }
  const minute = Math.floor((nowMs - 1) / minuteMs);
  const last = history.minutes.at(-1);
  if (last?.[0] === minute) {
    last[1] += watts * spanMs;
    last[2] += spanMs;
  } else {
    history.minutes.push([minute, watts * spanMs, spanMs]);
  }
  if (history.minutes.length > minutesKept) {
    history.minutes.shift();
  }
}

interface Stretch {
  readonly fromMs: number;
  readonly atMs: number;
  readonly watts: number;
}

/** As much of a stretch may be past the end: what comes back then raises its mean. */
const beyondPart = 0.1;

/**
 * A stretch that crosses minutes counts in each of them. The last one is read just after the end: it counts, unless much of
 * it is of the time after, which would be taken for draw of the curtailment.
 */
function addToRecord(record: CurtailmentRecord, { fromMs, atMs, watts }: Stretch): void {
  const { start, end, ramp } = record.curtailment;
  const startMs = toNumber(start);
  const endMs = Math.min(toNumber(end), record.cancelled?.atMs ?? Infinity);
  if (atMs - endMs > beyondPart * (atMs - fromMs)) {
    return;
  }
  const untilMs = Math.min(atMs, endMs);
  for (let from = Math.max(fromMs, startMs); from < untilMs;) {
    const minute = Math.floor((from - startMs) / minuteMs);
    const until = Math.min(untilMs, startMs + (minute + 1) * minuteMs);
    while (record.minutes.length <= minute) {
      record.minutes.push({ wattMs: 0, measuredMs: 0 });
    }
    const counted = known(record.minutes[minute], "minute of a record");
    counted.wattMs += watts * (until - from);
    counted.measuredMs += until - from;
    from = until;
  }
  if (fromMs >= startMs + toNumber(ramp) && atMs <= endMs && watts > record.worstWatts) {
    record.worstWatts = watts;
    record.worstAtMs = atMs;
  }
}
