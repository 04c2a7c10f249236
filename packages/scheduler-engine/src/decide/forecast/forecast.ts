import { planShed, type ShedPlan, type ShedResult } from "@ertis/power-planning";
import { type Milliseconds, milliseconds, toNumber, type Watts, watts } from "@ertis/quantities";
import type { DescribedShed } from "../shed/describe-shed.ts";
import { withSureReturns } from "../shed/sure-returns.ts";
import { drawNow } from "../../power/shedding/draw-now.ts";
import { behindMs } from "../../power/shedding/measured-apart.ts";
import { recordAtNotice } from "../../power/shedding/record-at-notice.ts";
import { onceHeld } from "./once-held.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import { known } from "../../state/assert.ts";
import {
  type CurtailmentRecord,
  leadMsOf,
  lineMsOf,
  rampFromWatts,
} from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { besideGivenUp } from "./beside-given-up.ts";
import { type ForecastStep, forecastSteps, timeToTargetMs } from "./forecast-steps.ts";
import { foreseenEnds } from "./forecast-ends.ts";
import { infeasibleUntilSettled } from "./forecast-bridge.ts";
import { type JobForecast, jobForecasts, lengthOf } from "./forecast-jobs.ts";
import { offMoments } from "./forecast-sleeps.ts";
import { type Beside, standBeside, type Together } from "./forecast-together.ts";
import { type TierForecast, tierForecasts } from "./forecast-tiers.ts";
import { outsOf } from "./forecast-outs.ts";
import { restAfter, takenByRest } from "./forecast-rest.ts";
import { foreseenRest } from "./foreseen-rest.ts";
import type { Looking } from "./looking.ts";
import { usualTimeToTargetMs } from "./usual-time-to-target.ts";
import { lostAnyway } from "./lost-anyway.ts";
import { overPermille } from "./over-at-floors.ts";
import { rampDelays } from "./ramp-delays.ts";
import { type ReservedNodes, reservedNodes } from "./reserved-nodes.ts";
import {
  infeasible,
  infeasibleBeside,
  type Infeasible,
  type Refusal,
  withPossible,
} from "./forecast-refusal.ts";

export interface CurtailmentForecast {
  readonly kind: "forecast";
  /** Those below its domain. */
  readonly jobs: readonly JobForecast[];
  /** How many others the common plan with curtailments around it touches, and which those are. */
  readonly elsewhereCount: number;
  readonly together: readonly string[];
  /** Those of tier 0 first. */
  readonly tiers: readonly TierForecast[];
  readonly nodesOffCount: number;
  /** Idle nodes that stay on for starts that are kept, where all others are off and jobs lose speed; those first that hold most. */
  readonly reserved: readonly ReservedNodes[];
  /** Of the domain, as counted (bounds, or expected draw when planned): before, and once the target holds. */
  readonly before: Watts;
  readonly after: Watts;
  /** Watts of the domain over time, from now until it has recovered. */
  readonly steps: readonly ForecastStep[];
  /** Where the line of its ramp would begin, as things are. */
  readonly rampFrom: Watts;
  /** From the start until the target holds; the whole length when it does not before the end. */
  readonly timeToTarget: Milliseconds;
  /** The same where nodes are off within seconds after they are told, as mostly; undefined: no sooner, or nothing is late. */
  readonly usualTimeToTarget: Milliseconds | undefined;
  /** By so many thousandths of the target some minutes may be over it, with jobs at their floors; 0: by nothing. */
  readonly overPermille: number;
  /** Caps begin to fall so long before the start, because ramps of the site are slower than its own, or it is measured seldom. */
  readonly lead: Milliseconds;
}

/**
 * What would happen: the shed decision itself, on the state as it is, with the target in force. Nothing
 * is changed.
 */
export function forecastCurtailment(
  state: EngineState,
  curtailment: Curtailment,
  looking: Looking,
): CurtailmentForecast | Infeasible {
  const site = known(state.sites.get(curtailment.site), "site of a curtailment");
  const record = recordAtNotice(state, site, curtailment);
  const beside = besideGivenUp(state, site, record, standBeside(state, site, record));
  const { atStart } = beside;
  const result = planShed(atStart.described.problem);
  const refusal = refusalOf({ site, curtailment, looking }, beside, result);
  if (refusal !== undefined || result.kind === "refused") {
    return withPossible(state, site, curtailment, known(refusal, "a refusal"));
  }
  const sure = plannedSurely(state, site, record, atStart);
  return forecastOf(state, site, record, sure ?? { atStart, plan: result.plan });
}

/** As a planned one is planned (`planKept`): without anybody whom a budget keeps out then, where that is another plan and possible. */
function plannedSurely(
  state: EngineState,
  site: SiteState,
  { curtailment }: CurtailmentRecord,
  atStart: Together,
): Planned | undefined {
  const wish = { ceiling: atStart.ceiling, atMs: toNumber(curtailment.start) };
  const described =
    curtailment.mode === "planned"
      ? withSureReturns(state, site, atStart.described, wish)
      : undefined;
  const tried = described && planShed(described.problem);
  return described !== undefined && tried?.kind === "plan"
    ? { atStart: { ...atStart, described }, plan: tried.plan }
    : undefined;
}

/** The plan that would be carried out, with the others that it was made with. */
interface Planned {
  readonly atStart: Together;
  readonly plan: ShedPlan;
}

function forecastOf(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  { atStart, plan }: Planned,
): CurtailmentForecast {
  const { curtailment } = record;
  const { described } = atStart;
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain");
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const toWatts = (scaled: number): Watts => watts(Math.max(0, Math.ceil(scaled / scale)));
  const { noticeMs } = described.problem;
  const off = offMoments(state, site, curtailment, { ...plan, noticeMs });
  const held = onceHeld(domain, { ceiling: atStart.ceiling, described, plan }, off);
  const { untilStartMs, leadMs, ...line } = lineOf(state, site, record);
  const planned = { curtailment, described, plan };
  const beside = { fallsInMs: untilStartMs - leadMs, offMoments: off };
  const { delaysMs, capsDownMs } = rampDelays(state, site, planned, beside);
  const lineMs = Math.max(line.lineMs, leadMs + capsDownMs);
  const course = { curtailment, described, plan, leadMs, lineMs, delaysMs };
  const rest = restAfter(state, site, record, { described, plan });
  const outs = outsOf(course, rest);
  const all = jobForecasts(course, {
    rest: takenByRest({ described, plan }, rest),
    outs,
    isAnyway: lostAnyway(state, site, record, { atStart, plan }),
  });
  // Where no cap falls, none falls ahead.
  const lead = all.some(({ capWatts }) => capWatts > 0) ? leadMs : 0;
  const foreseen = {
    ...course,
    site,
    untilStartMs,
    measuredWatts: drawNow({ state, site, record }, domain)?.lastWatts,
    leadMs: lead,
    lineMs: lead === leadMs ? lineMs : toNumber(curtailment.ramp),
    domain,
    offMoments: off,
    besideScaled: held.besideScaled,
    ends: foreseenEnds(site, domain, { curtailment, described, plan, outs }),
    outs,
    rest: foreseenRest({ site, domain, curtailment, outs, off }, rest),
  };
  const steps = forecastSteps(foreseen);
  const usualMs = usualTimeToTargetMs(foreseen, steps);
  const { jobs, members, elsewhereCount } = hereOf(site, curtailment, described, all);
  return {
    kind: "forecast",
    jobs,
    elsewhereCount,
    together: atStart.others.map((one) => one.curtailment.id),
    tiers: tierForecasts({ members, counts: described.problem.counts, domain, scale }, jobs),
    nodesOffCount: off.size,
    reserved:
      held.idleScaled < 1 && jobs.some(({ lossPercent }) => lossPercent > 0)
        ? reservedNodes(site, domain, {
            mayGoOff: new Set(off.keys()),
            curtailments: [curtailment, ...atStart.others.map((one) => one.curtailment)],
          })
        : [],
    before: toWatts(known(site.horizons[0], "the horizon of now").load[domain] ?? 0),
    after: toWatts(held.allScaled),
    steps,
    overPermille: overPermille({ curtailment, described, plan, scale }, held.allScaled),
    lead: milliseconds(Math.max(0, lead)),
    rampFrom: watts(rampFromWatts(record)),
    timeToTarget: milliseconds(Math.min(lengthOf(curtailment), timeToTargetMs(steps, curtailment))),
    usualTimeToTarget: usualMs === undefined ? undefined : milliseconds(usualMs),
  };
}

/** When caps begin to fall, before its start, and how long they take. */
interface Line {
  readonly untilStartMs: number;
  readonly leadMs: number;
  readonly lineMs: number;
}

function lineOf(state: EngineState, site: SiteState, record: CurtailmentRecord): Line {
  // Whole minutes, of which no more than are left.
  const untilStartMs = Math.max(0, toNumber(record.curtailment.start) - state.nowMs);
  const aheadMs = Math.min(leadMsOf(record), untilStartMs);
  const lineMs = lineMsOf(record) - (leadMsOf(record) - aheadMs);
  return { untilStartMs, lineMs, leadMs: aheadMs - behindMs(state, site, record) };
}

interface Asked {
  readonly site: SiteState;
  readonly curtailment: Curtailment;
  readonly looking: Looking;
}

/** Undefined: it keeps every floor. */
function refusalOf(
  { site, curtailment, looking }: Asked,
  { atStart: { ceiling, described }, broken }: Beside,
  result: ShedResult,
): Refusal | undefined {
  const asked = { site, described, ceiling, curtailment };
  const alone = result.kind === "refused" ? infeasible(asked, result) : undefined;
  const own =
    curtailment.mode === "emergency"
      ? infeasibleUntilSettled(asked, result, alone, looking)
      : alone;
  const isBeside = broken.length > 0 && own?.inTheWay === undefined;
  return isBeside ? infeasibleBeside(site, curtailment, broken, own) : own;
}

interface Here {
  readonly jobs: readonly JobForecast[];
  readonly members: DescribedShed["members"];
  readonly elsewhereCount: number;
}

/** Those below its own domain; of the others of a common plan only how many it touches. */
function hereOf(
  site: SiteState,
  { domain }: Curtailment,
  described: DescribedShed,
  all: readonly JobForecast[],
): Here {
  const isHere = (at: number): boolean => isBelow(site, described.members[at]?.nodes ?? [], domain);
  return {
    jobs: all.filter((_, at) => isHere(at)),
    members: described.members.filter((_, at) => isHere(at)),
    elsewhereCount: all.filter(({ effect }, at) => effect !== "untouched" && !isHere(at)).length,
  };
}
