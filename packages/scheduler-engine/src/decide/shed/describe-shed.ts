import type { ShedProblem } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { Leaving } from "../../power/above-idle.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import { addFallingAsleep } from "../../power/falling-asleep.ts";
import { forcedDomains } from "../../power/forced-domains.ts";
import { floorsGivenUp } from "../../power/shedding/given-up.ts";
import { idleNodesOf, offUntil, subtractWakes } from "../../power/shedding/idle-nodes.ts";
import { isOutOfNodes } from "../../power/shedding/return-nodes.ts";
import { asMeasured } from "../../power/shedding/measured-curves.ts";
import { raisedBySteering, withoutRaise } from "../../power/shedding/raised-by-steering.ts";
import {
  pausedMember,
  runningMember,
  type ShedContext,
  type ShedMember,
} from "../../power/shedding/shed-jobs.ts";
import { askedTogether } from "../../power/shedding/shared-peaks.ts";
import type { Unsteered } from "../../power/shedding/unsteered.ts";
import { known } from "../../state/assert.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { switchOffMs, wakeMs } from "../../limits.ts";
import { isFelt } from "../../power/recovery.ts";
import { isGoneBy, stopBelievedUntilMs } from "./believed-stops.ts";
import { boundRecords, longestRecord, recordsAt } from "./records-at.ts";
import type { ShedWish } from "./shed-wish.ts";
import { tierOfAll } from "./tier-of-all.ts";
import { plannedPauses, spanOf } from "../../power/shedding/planned-pauses.ts";

export interface DescribedShed {
  readonly problem: ShedProblem;
  readonly members: readonly ShedMember[];
  /** The planned curtailments that are planned for together; none: what is in force now. */
  readonly group: readonly CurtailmentRecord[];
  /** Of one that is asked for, in its domain. What is kept free is no part of the room. */
  readonly unsteered?: Unsteered;
}

/** A site as the mathematics of shedding sees it: who runs or is paused, what is idle, how much room. */
export function describeShed(state: EngineState, site: SiteState, wish: ShedWish): DescribedShed {
  const { group = [], givingUp = [], isTypical = false, ceiling } = wish;
  const isInForce = wish.record === undefined;
  const onBounds = isInForce ? boundRecords(state, site, wish.atMs) : [];
  const record = group[0] ?? wish.record ?? onBounds[0] ?? longestRecord(state, site, wish.atMs);
  const context: ShedContext = { state, site, record };
  const isMeant = meantBy(site, wish);
  const ofTier = isInForce
    ? tierOfAll(context, onBounds, { ...wish, allowance: "whole" })
    : tierOfAll(context, group, wish);
  const bounded = isInForce ? asBounded(context) : (one: ShedMember): ShedMember => one;
  const inForce = wish.record === undefined ? recordsAt(state, site, wish.atMs) : [wish.record];
  const asGivenUp = floorsGivenUp(context, [...inForce, ...group, ...givingUp]);
  const found: ShedMember[] = [];
  const add = (member: ShedMember | undefined): void => {
    if (member !== undefined) {
      found.push(asGivenUp(bounded(ofTier(member))));
    }
  };
  const ended = new Set<Attempt>();
  const staying: Attempt[] = [];
  for (const attempt of site.attempts) {
    if (isGoneBy(state, attempt, wish.atMs) && !isDelayed(attempt, wish)) {
      ended.add(attempt);
    } else if (attempt.phase === "starting" || attempt.phase === "running") {
      staying.push(attempt);
    }
  }
  for (const attempt of staying.toSorted((a, b) => a.job - b.job || a.task - b.task)) {
    add(runningMember(context, attempt));
  }
  for (const paused of state.curtailments.paused.values()) {
    const job = state.jobs.get(paused.job);
    // Also while its nodes still write the checkpoint (`leavingScaled`): the plan is for its return, too.
    // What a planned one has paused is its own until it is to come back.
    const isOthers = wish.record === undefined && paused.curtailment !== undefined;
    const isOut = wish.record === undefined && isOutOfNodes(state, site, paused);
    const isMember = (!isOthers || paused.isReturning) && !isOut;
    if (paused.site === site.site.id && job !== undefined && isMember) {
      add(pausedMember(context, job, paused, wish.atMs));
    }
  }
  const { startMs, endMs } = spanOf(state, site, record, wish.untilMs);
  const isGone = (one: Attempt): boolean =>
    ended.has(one) || state.nowMs < stopBelievedUntilMs(state, one);
  const groups = askedTogether(site, found, { eventMs: endMs - startMs, isGone });
  const members = withIds(groups.filter(([leader]) => leader !== undefined && isMeant(leader)));
  const problem = problemOf(context, members, ended, wish);
  if (wish.counts === "cap") {
    return { members, group, problem };
  }
  const measured = asMeasured(context, members, { ceiling, problem, isTypical, group });
  return {
    members: measured,
    group,
    problem: { ...problem, jobs: measured.map((one) => one.shed) },
  };
}

/** The plan names jobs by their place here. */
function withIds(groups: readonly (readonly ShedMember[])[]): readonly ShedMember[] {
  const members: ShedMember[] = [];
  for (const group of groups) {
    const first = members.length;
    const followers = group.slice(1).map((_, at) => first + 1 + at);
    group.forEach(({ shed, ...member }, at) => {
      const led = at === 0 && followers.length > 0 ? { followers } : {};
      members.push({ ...member, shed: { ...shed, ...led, id: first + at } });
    });
  }
  return members;
}

/** Is it still there at the moment that is planned for, since it loses time before? */
function isDelayed(attempt: Attempt, { foreseen }: ShedWish): boolean {
  return foreseen?.unfinished.has(taskIdOf(attempt)) === true;
}

/** A planned one asks nobody outside the domains that are curtailed with it. */
function meantBy(
  site: SiteState,
  { record, group = [] }: ShedWish,
): (member: ShedMember) => boolean {
  const all = group.length > 0 ? group : [record].filter((one) => one !== undefined);
  return ({ nodes }) =>
    all.length === 0 || all.some(({ curtailment }) => isBelow(site, nodes, curtailment.domain));
}

/** For what bounds must not exceed, only jobs below what is forced pause and shrink; what is planned is known. */
function asBounded({ state, site }: ShedContext): (member: ShedMember) => ShedMember {
  const flags = forcedDomains(state, site);
  const planned = plannedPauses(state, site);
  const isSteered = raisedBySteering(state, site);
  return (found) => {
    const one = found.attempt !== undefined && isSteered(found.nodes) ? withoutRaise(found) : found;
    const pausePlanned = planned(one);
    const member = pausePlanned ? { ...one, shed: { ...one.shed, pausePlanned } } : one;
    const isForced = member.nodes.some((node) => flags[site.nodeDomain[node] ?? -1] === 1);
    const { shed } = member;
    return isForced
      ? member
      : { ...member, shed: { ...shed, canPause: false, nodeCountMin: shed.nodeCount } };
  };
}

function problemOf(
  { state, site, record }: ShedContext,
  members: readonly ShedMember[],
  ended: ReadonlySet<Attempt>,
  wish: ShedWish,
): ShedProblem {
  const load = known(site.horizons[0], "the horizon of now").load;
  const sleepFor = curtailmentsOf(state, site, wish);
  const areNodesShed = domainsShed(site, sleepFor);
  const untilMsOf = offUntil(state, site, sleepFor);
  const fromMs = Math.max(state.nowMs, wish.atMs);
  const idleNodes = idleNodesOf(state, site, { areNodesShed, untilMsOf, fromMs });
  const roomScaled = wish.ceiling.map((ceiling, domain) => ceiling - (load[domain] ?? 0));
  const awakeFrom = wish.record === undefined ? (): number => state.nowMs + 1 : untilMsOf;
  subtractWakes(site, { fromMs, untilMsOf: awakeFrom }, roomScaled);
  const gone = new Leaving(site);
  for (const attempt of ended) {
    gone.add(attempt, roomScaled, 1);
  }
  const leavingScaled = new Float64Array(roomScaled.length);
  for (const attempt of site.attempts) {
    if (state.nowMs < stopBelievedUntilMs(state, attempt)) {
      gone.add(attempt, leavingScaled, 1);
    }
  }
  addFallingAsleep(state, site, leavingScaled, 1);
  leavingScaled.forEach((leaving, domain) => {
    roomScaled[domain] = (roomScaled[domain] ?? 0) + leaving;
  });
  for (const { shed, countedScaled } of members) {
    addTo(roomScaled, shed.domains, countedScaled);
  }
  for (const { domains, wattsScaled } of idleNodes) {
    addTo(roomScaled, domains, wattsScaled);
  }
  const { startMs, endMs } = spanOf(state, site, record, wish.untilMs);
  return {
    jobs: members.map((one) => one.shed),
    idleNodes,
    roomScaled,
    leavingScaled,
    eventMs: Math.max(1, endMs - startMs),
    elapsedMs: Math.max(0, fromMs - startMs),
    noticeMs: wish.noticeMs,
    areNodesShed,
    sleepMsMin: switchOffMs + wakeMs,
    switchOffMs,
    counts: wish.counts,
    capStepWatts: 1,
    floors: "kept",
  };
}

/** What is in force or planned for. */
function curtailmentsOf(
  { nowMs }: EngineState,
  { curtailments }: SiteState,
  { record, group = [] }: ShedWish,
): readonly Curtailment[] {
  const planned = [...group, record].flatMap((one) => one?.curtailment ?? []);
  // While one gives its watts back nobody is switched off for it any more.
  const areOn = curtailments.filter((one) => isFelt(one, nowMs) && nowMs < toNumber(one.end));
  return [...areOn, ...planned];
}

/**
 * By domain, 1 where idle nodes go off for its sake: it is curtailed, or has lost a supply. For a mere
 * budget, a limit or a curtailment elsewhere they stay ready.
 */
function domainsShed(site: SiteState, curtailments: readonly Curtailment[]): Uint8Array {
  const flags = new Uint8Array(site.usableScaled.length);
  for (const domain of site.lostSupplies.keys()) {
    flags[domain] = 1;
  }
  for (const { domain } of curtailments) {
    flags[known(site.domainIndexById.get(domain), "domain of a curtailment")] = 1;
  }
  return flags;
}

function addTo(sum: Float64Array, domains: Int32Array, scaled: Float64Array): void {
  domains.forEach((domain, at) => {
    sum[domain] = (sum[domain] ?? 0) + (scaled[at] ?? 0);
  });
}
