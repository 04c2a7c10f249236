import { toNumber } from "@ertis/quantities";
import { switchOffMs } from "../../limits.ts";
import { returnWatts } from "../../power/shedding/return-watts.ts";
import { addNodeWatts, Leaving } from "../../power/above-idle.ts";
import { isAwaited } from "../../power/shedding/awaited.ts";
import { isBelow, isPausedBelow, runningRecords } from "../../power/shedding/effects.ts";
import { floorsGivenUp } from "../../power/shedding/given-up.ts";
import { type DrawNow, drawNow } from "../../power/shedding/draw-now.ts";
import {
  pausedMember,
  runningMember,
  type ShedContext,
  type ShedMember,
} from "../../power/shedding/shed-jobs.ts";
import { returnNodes } from "../../power/shedding/return-nodes.ts";
import { sleepersForReturn } from "../../power/shedding/sleepers.ts";
import { expectedNow, wattsToFloors } from "../../power/shedding/watts-to-floors.ts";
import type { CurtailmentRecord, PausedTask, PlannedPause } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { Deciding } from "../deciding.ts";
import { partNotWorth } from "./passed-target.ts";
import { stopBelievedUntilMs } from "./believed-stops.ts";
import { isLastChance, startReturning } from "./start-returning.ts";

/** An attempt that was told to stop still draws at least this part of its bound: so much is missing only until it is gone. */
const drawnPart = 0.8;
/** A paused task that waits to be let back is reckoned to wait so much longer. */
const soonMs = 300_000;
/** Of what a pause would be worth: who is let back above a target is not to pause again for the next minutes. */
const returnsAtPart = 2 / 3;
/** A pause breaks a tier only where it takes more than this beyond it: turns are not taken to the second. */
const roundingMs = 30_000;

/**
 * Would the target hold if every job ran at its floor, those included whose pause is longer than their tier bears? Then only the
 * margin of the steering is missing, and no floor gives way for a margin.
 */
export function isHeldAtFloors(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
): boolean {
  return isHeldWith(state, site, record, {
    all: backOf(state, site, record),
    isGone: () => true,
    partOver: 0,
  });
}

/** Who else is below a domain, and who of those that were told to stop is gone by then. */
interface Beside {
  readonly all: readonly Back[];
  readonly isGone: (stopping: Attempt) => boolean;
  /** By so large a part the target may be passed. */
  readonly partOver: number;
}

function isHeldWith(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  { all, isGone, partOver }: Beside,
): boolean {
  const { domain, target, start } = record.curtailment;
  const at = site.domainIndexById.get(domain) ?? -1;
  // What was drawn before it began, and while it came into force, does not tell of now.
  const drawn = drawNow({ state, site, record }, at, toNumber(start) + switchOffMs);
  if (drawn === undefined) {
    return false;
  }
  const more = new Float64Array(site.usableScaled.length);
  const back = new Map(all.map(({ paused }) => [taskIdOf(paused), paused]));
  for (const paused of back.values()) {
    if (!isStillThere(state, paused)) {
      for (const node of returnNodes(state, site, paused)) {
        addNodeWatts(site, node, returnWatts(state, site, paused, node), more);
      }
      for (const node of sleepersForReturn(state, site, paused)) {
        addNodeWatts(site, node, site.nodeBounds[node]?.[0] ?? 0, more);
      }
    }
  }
  const leaving = new Leaving(site);
  for (const attempt of site.attempts) {
    if (isToldToStop(attempt) && isGone(attempt) && !back.has(taskIdOf(attempt))) {
      leaving.add(attempt, more, -drawnPart);
    }
  }
  const moreWatts = (more[at] ?? 0) / (site.site.domains[at]?.loadScale ?? 1);
  const drawnWatts = drawnNow(record, drawn, expectedNow(site, record));
  const mostWatts = toNumber(target) * (1 + partOver);
  return drawnWatts + moreWatts + wattsToFloors(state, site, record) <= mostWatts;
}

/**
 * The highest of the last minutes, in which a checkpoint is a dip; or what is expected now, where that is less: caps have
 * fallen since. What was drawn by those who are gone since is not drawn now, though it may be in the means.
 */
function drawnNow(
  { steered }: CurtailmentRecord,
  { lastWatts, highestWatts }: DrawNow,
  expectedWatts: number = Infinity,
): number {
  const goneWatts = steered?.goneWatts ?? 0;
  const highest = highestWatts > lastWatts ? highestWatts : lastWatts - goneWatts;
  return Math.min(highest, Math.max(lastWatts - goneWatts, expectedWatts));
}

/** Does a job write its checkpoint, to be gone soon? What is drawn then does not tell what is missing. */
export function isSomebodyLeaving(state: EngineState, { attempts }: SiteState): boolean {
  return [...attempts].some((attempt) => isToldToStop(attempt) && isLeaving(state, attempt));
}

/** Also who has exited by now: until its nodes say so, its watts count, and they are in the means that were measured. */
function isToldToStop({ phase, stopReason }: Attempt): boolean {
  return phase === "stopping" || (phase === "exited" && stopReason !== undefined);
}

function isLeaving(state: EngineState, stopping: Attempt): boolean {
  return state.nowMs < stopBelievedUntilMs(state, stopping);
}

/**
 * Lets those back whose pause would break their tier, at their floors, and pauses nobody else for so long, where
 * what goes on now holds all targets with them, or passes them by less than they would lose it for: no margin keeps them out.
 */
export function bringBack(deciding: Deciding, site: SiteState, record: CurtailmentRecord): void {
  const { state, emit } = deciding;
  const { id } = record.curtailment;
  const back = backOf(state, site, record);
  // Who writes his checkpoint first cannot start yet.
  const late = back.filter(({ isLate, paused }) => isLate && !isStillThere(state, paused));
  if (late.length === 0 || !areAllHeldWith(state, site, record, back)) {
    return;
  }
  const tooLong = late.filter(({ paused }) => !paused.isReturning).map(({ paused }) => paused);
  const planned = (state.curtailments.pauses.get(site.site.id) ?? []).filter(
    (one) => one.curtailment === id,
  );
  const kept = planned.filter(
    (one) =>
      !tooLong.some(({ job, task }) => one.job === job && (one.task ?? 0) === task) &&
      !isTooLongToCome(state, site, record, one),
  );
  if (kept.length < planned.length) {
    const pauses = kept.map(({ job, task, fromMs, untilMs, nodeCount }) => ({
      job,
      ...(task === undefined ? {} : { task }),
      fromMs,
      untilMs,
      ...(nodeCount === undefined ? {} : { nodeCount }),
    }));
    emit({ kind: "pauses-planned", site: site.site.id, curtailment: id, pauses });
  }
  for (const { job, task } of tooLong) {
    emit({ kind: "job-resumed", job, ...(task === 0 ? {} : { task }) });
  }
  for (const { paused, floorCapWatts } of late) {
    startReturning(deciding, site, taskIdOf(paused), floorCapWatts);
  }
}

function isStillThere({ jobs }: EngineState, { job, task }: PausedTask): boolean {
  return jobs.get(job)?.active?.has(task) === true;
}

/** Do all planned ones that are on over them bear it? */
function areAllHeldWith(
  state: EngineState,
  site: SiteState,
  own: CurtailmentRecord,
  back: readonly Back[],
): boolean {
  const nodes = back.flatMap(({ paused }) => paused.nodes);
  const tooMuchPart = Math.max(...back.map((one) => one.tooMuchPart));
  const partOver = returnsAtPart * partNotWorth(own, tooMuchPart, state.nowMs);
  const running = [...runningRecords(state, site.site.id)];
  return (
    running.includes(own) &&
    running
      .filter(
        ({ curtailment: { mode, domain } }) => mode === "planned" && isBelow(site, nodes, domain),
      )
      .every((one) => {
        const others = one === own ? [] : backOf(state, site, one);
        // Who writes his checkpoint draws what he did until he is gone.
        return isHeldWith(state, site, one, {
          all: [...others, ...back],
          isGone: (stopping) => !isLeaving(state, stopping),
          partOver,
        });
      })
  );
}

function isTooLongToCome(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  { job, task = 0, fromMs, untilMs, nodeCount }: PlannedPause,
): boolean {
  const attempt = state.jobs.get(job)?.active?.get(task);
  const context = { state, site, record };
  const member =
    attempt === undefined || nodeCount !== undefined || fromMs <= state.nowMs
      ? undefined
      : runningMember(context, attempt);
  return member !== undefined && isTooLong(context, member, { fromMs, untilMs });
}

/** Would a pause break the tier of a task, unless its floor is given up? */
function isTooLong(
  context: ShedContext & { readonly record: CurtailmentRecord },
  member: ShedMember,
  pause: Pick<PlannedPause, "fromMs" | "untilMs">,
): boolean {
  return tooMuchMs(context, member, pause) > roundingMs;
}

/** What a pause takes beyond the tier of a task. */
function tooMuchMs(
  context: ShedContext & { readonly record: CurtailmentRecord },
  member: ShedMember,
  { fromMs, untilMs }: Pick<PlannedPause, "fromMs" | "untilMs">,
): number {
  const { state, site, record } = context;
  const [startMs, endMs] = [toNumber(record.curtailment.start), toNumber(record.curtailment.end)];
  const inForce = [record, ...runningRecords(state, site.site.id)];
  const { lossMsSoFar, tierLossMax } = floorsGivenUp(context, inForce)(member).shed;
  const pausedMs = Math.max(0, Math.min(endMs, untilMs) - Math.max(startMs, fromMs));
  return lossMsSoFar + pausedMs - tierLossMax * (endMs - startMs);
}

/** A task that a curtailment has paused, and that is to come back. */
interface Back {
  readonly paused: PausedTask;
  readonly floorCapWatts: number;
  /** Its pause breaks its tier, or will soon. */
  readonly isLate: boolean;
  /** By so large a part of full throughput, if it stays out. */
  readonly tooMuchPart: number;
}

/** Tasks that are on their way back, and those that pause, as planned, for longer than their tiers bear. */
function backOf(state: EngineState, site: SiteState, record: CurtailmentRecord): readonly Back[] {
  const context = { state, site, record };
  const [startMs, endMs] = [toNumber(record.curtailment.start), toNumber(record.curtailment.end)];
  return [...state.curtailments.paused.values()].flatMap((paused) => {
    const job = state.jobs.get(paused.job);
    const isMeant =
      isHeldOutBy(state, site, record, paused) && job !== undefined && isAwaited(state, paused);
    const member = isMeant ? pausedMember(context, job, paused) : undefined;
    const tooMuchTo = (untilMs: number): number =>
      member === undefined ? 0 : tooMuchMs(context, member, { fromMs: state.nowMs, untilMs });
    const isTooLongTo = (untilMs: number): boolean => tooMuchTo(untilMs) > roundingMs;
    const isLate =
      isTooLongTo(paused.isReturning ? state.nowMs + soonMs : paused.untilMs) ||
      (paused.isReturning && isTooLongTo(endMs) && isLastChance(state, site, paused, soonMs));
    if (member === undefined || !(paused.isReturning || isLate)) {
      return [];
    }
    const tooMuchPart = tooMuchTo(paused.isReturning ? endMs : paused.untilMs) / (endMs - startMs);
    return [{ paused, floorCapWatts: member.shed.floorCapWatts, isLate, tooMuchPart }];
  });
}

/** It has paused a task; or what did is over, and the task waits below the domain of this one, whose tier it loses by that. */
function isHeldOutBy(
  { curtailments: { records } }: EngineState,
  site: SiteState,
  { curtailment }: CurtailmentRecord,
  paused: PausedTask,
): boolean {
  const isLeft = records.get(paused.curtailment ?? "")?.isOver === true;
  return isLeft
    ? isPausedBelow(site, paused, curtailment)
    : paused.site === site.site.id && paused.curtailment === curtailment.id;
}

/** Does a job pause, as planned, for longer than it bears, or wait so long to be let back? */
export function isAnyoneOut(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
): boolean {
  return backOf(state, site, record).some(({ isLate }) => isLate);
}
