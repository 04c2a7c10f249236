import { planShed, type ShedResult } from "@ertis/power-planning";
import { type Milliseconds, milliseconds, toNumber, type Watts, watts } from "@ertis/quantities";
import type { DescribedShed } from "../shed/describe-shed.ts";
import { drawNow } from "../../power/shedding/measured-curves.ts";
import { recordAtNotice } from "../../power/shedding/record-at-notice.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import { known } from "../../state/assert.ts";
import { leadMsOf, lineMsOf, rampFromWatts } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { isMoreThan } from "./broken-tiers.ts";
import { besideGivenUp } from "./beside-given-up.ts";
import { type ForecastStep, forecastSteps, timeToTargetMs } from "./forecast-steps.ts";
import { foreseenEnds } from "./forecast-ends.ts";
import { infeasibleUntilSettled } from "./forecast-bridge.ts";
import { offMoments } from "./forecast-sleeps.ts";
import { type Beside, standBeside } from "./forecast-together.ts";
import { type TierForecast, tierForecasts } from "./forecast-tiers.ts";
import { type RestOf, restAfter } from "./forecast-rest.ts";
import { type Course, heldCaps } from "./held-caps.ts";
import { lostAnyway } from "./lost-anyway.ts";
import { lostIn } from "./lost-in.ts";
import { rampDelays } from "./ramp-delays.ts";
import { type ReservedNodes, reservedNodes } from "./reserved-nodes.ts";
import {
  infeasible,
  infeasibleBeside,
  type Infeasible,
  type Refusal,
  withPossible,
} from "./forecast-refusal.ts";

/** What a curtailment would do to one job. */
export interface JobForecast {
  readonly job: JobNumber;
  readonly task: number;
  readonly tierPercent: number;
  readonly effect: "untouched" | "capped" | "shrunk" | "paused";
  /** The lowest that it is held at; 0: not capped. */
  readonly capWatts: number;
  /** Nodes that it goes on with. */
  readonly nodeCount: number;
  /** From its start, when paused. */
  readonly pausedFrom: Milliseconds;
  readonly paused: Milliseconds;
  /** Part of full throughput lost, averaged over the event. */
  readonly lossPercent: number;
  /** More than its tier tolerates, though its floor is not given up: until nodes are off caps alone hold the target. */
  readonly isTierBroken: boolean;
  /** Something happens to it, and as much would without the curtailment, by others that are in force at its start. */
  readonly isAnyway: boolean;
}

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
): CurtailmentForecast | Infeasible {
  const site = known(state.sites.get(curtailment.site), "site of a curtailment");
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain");
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const untilStartMs = Math.max(0, toNumber(curtailment.start) - state.nowMs);
  const record = recordAtNotice(state, site, curtailment);
  const { atStart, broken } = besideGivenUp(state, site, record, standBeside(state, site, record));
  const { ceiling, described } = atStart;
  const { noticeMs } = described.problem;
  const result = planShed(described.problem);
  const refusal = refusalOf(site, curtailment, { atStart, broken }, result);
  if (refusal !== undefined || result.kind === "refused") {
    return withPossible(state, site, curtailment, known(refusal, "a refusal"));
  }
  const { plan } = result;
  const load = known(site.horizons[0], "the horizon of now").load[domain] ?? 0;
  const room = described.problem.roomScaled[domain] ?? 0;
  const beside = (ceiling[domain] ?? 0) - room;
  const off = offMoments(state, site, curtailment, { ...plan, noticeMs });
  const offScaled = offWatts(described, off, domain);
  const idleScaled = allIdle(described, domain) - offScaled;
  const afterScaled = beside + idleScaled + (plan.usedScaled[domain] ?? 0);
  const toWatts = (scaled: number): Watts => watts(Math.max(0, Math.ceil(scaled / scale)));
  // Whole minutes, of which no more than are left.
  const leadMs = Math.min(leadMsOf(record), untilStartMs);
  const lineMs = lineMsOf(record) - (leadMsOf(record) - leadMs);
  const delaysMs = rampDelays(state, site, { curtailment, described, plan });
  const course = { curtailment, described, plan, leadMs, lineMs, delaysMs };
  const all = jobForecasts(course, {
    rest: restAfter(state, site, record, { described, plan }),
    isAnyway: lostAnyway(state, site, record, { atStart, plan }),
  });
  // Where no cap falls, none falls ahead.
  const lead = all.some(({ capWatts }) => capWatts > 0) ? leadMs : 0;
  const steps = forecastSteps({
    site,
    untilStartMs,
    measuredWatts: drawNow({ state, site, record }, domain)?.lastWatts,
    leadMs: lead,
    lineMs: lead === leadMs ? lineMs : toNumber(curtailment.ramp),
    curtailment,
    domain,
    described,
    plan,
    offMoments: off,
    delaysMs,
    besideScaled: beside,
    ends: foreseenEnds(site, domain, { curtailment, described, plan }),
  });
  const { jobs, members, elsewhereCount } = hereOf(site, curtailment, described, all);
  return {
    kind: "forecast",
    jobs,
    elsewhereCount,
    together: atStart.others.map((one) => one.curtailment.id),
    tiers: tierForecasts({ members, counts: described.problem.counts, domain, scale }, jobs),
    nodesOffCount: off.size,
    reserved:
      idleScaled < 1 && jobs.some(({ lossPercent }) => lossPercent > 0)
        ? reservedNodes(site, domain, new Set(off.keys()))
        : [],
    before: toWatts(load),
    after: toWatts(afterScaled),
    steps,
    lead: milliseconds(lead),
    rampFrom: watts(rampFromWatts(record)),
    timeToTarget: milliseconds(Math.min(lengthOf(curtailment), timeToTargetMs(steps, curtailment))),
  };
}

/** Undefined: it keeps every floor. */
function refusalOf(
  site: SiteState,
  curtailment: Curtailment,
  { atStart: { ceiling, described }, broken }: Beside,
  result: ShedResult,
): Refusal | undefined {
  const asked = { site, described, ceiling, curtailment };
  const alone = result.kind === "refused" ? infeasible(asked, result) : undefined;
  const own =
    curtailment.mode === "emergency" ? infeasibleUntilSettled(asked, result, alone) : alone;
  const isBeside = broken.length > 0 && own?.inTheWay === undefined;
  return isBeside ? infeasibleBeside(site, curtailment, broken, own) : own;
}

function lengthOf({ start, end }: Curtailment): number {
  return toNumber(end) - toNumber(start);
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

function allIdle({ problem }: DescribedShed, domain: number): number {
  return problem.idleNodes.reduce(
    (sum, node) => sum + (node.wattsScaled[node.domains.indexOf(domain)] ?? 0),
    0,
  );
}

function offWatts(
  { problem }: DescribedShed,
  off: ReadonlyMap<number, number>,
  domain: number,
): number {
  return problem.idleNodes
    .filter((node) => off.has(node.id))
    .reduce((sum, node) => sum + (node.wattsScaled[node.domains.indexOf(domain)] ?? 0), 0);
}

interface BesideOthers {
  /** What is asked of jobs once the first of those that are planned together is over. */
  readonly rest: ReadonlyMap<TaskId, RestOf>;
  /** By position: others take as much without it. */
  readonly isAnyway: (position: number) => boolean;
}

function jobForecasts(course: Course, { rest, isAnyway }: BesideOthers): readonly JobForecast[] {
  const { curtailment, described, plan, delaysMs } = course;
  const lengthMs = lengthOf(curtailment);
  const pauses = new Map(plan.pauses.map((one) => [one.id, one]));
  const shrinks = new Map(plan.shrinks.map(({ id, nodeCount }) => [id, nodeCount]));
  const heldAt = heldCaps(course);
  return described.members.map(({ shed, job, task }, index) => {
    const top = shed.curve.points.at(-1)?.capWatts ?? 0;
    const later = rest.get(taskIdOf({ job: job.number, task }));
    const pause = pauses.get(shed.id) ?? later?.pause;
    const fromMs = (pause?.fromMs ?? 0) + (delaysMs.get(shed.id) ?? 0);
    const kept = shrinks.get(shed.id);
    const held = heldAt(shed);
    // What jobs have lost to the others of a common plan, or may lose to them later, is no loss of this one.
    const plannedMs = (plan.losses[index]?.lostMs ?? 0) + (later?.lostMs ?? 0);
    const lostMs = lostIn(curtailment, shed, { plannedMs, moreMs: held.lostMoreMs });
    const caps = [held.capWatts, later?.capWatts ?? 0].filter((cap) => cap > 0 && cap < top);
    const capWatts = Math.min(top, ...caps);
    const isCapped = caps.length > 0;
    const running = kept === undefined ? (isCapped ? "capped" : "untouched") : "shrunk";
    const effect = pause === undefined ? running : "paused";
    return {
      job: job.number,
      task,
      tierPercent: job.spec.flexibilityTier,
      effect,
      capWatts: isCapped ? Math.floor(capWatts) : 0,
      nodeCount: kept ?? shed.nodeCount,
      pausedFrom: milliseconds(Math.max(0, fromMs)),
      paused: milliseconds(pause === undefined ? 0 : Math.max(0, pause.untilMs - fromMs)),
      lossPercent: Math.round((lostMs / lengthMs) * 10_000) / 100,
      isTierBroken: isMoreThan(curtailment, shed.tierLossMax, lostMs),
      isAnyway: effect !== "untouched" && (later?.lostMs ?? 0) <= 0 && isAnyway(index),
    };
  });
}
