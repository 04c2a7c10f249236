import { toNumber } from "@ertis/quantities";
import { returnWatts } from "../../power/shedding/return-watts.ts";
import { isAwaited } from "../../power/shedding/awaited.ts";
import { visitAbove } from "../../state/columns.ts";
import { highestRaiseWithin } from "../../power/raise-room.ts";
import type { RaiseWindows } from "../../power/raise-windows.ts";
import { raiseWindows } from "../../power/shedding/ends-under.ts";
import { plannedTogether } from "../../power/shedding/planned-group.ts";
import { isEveryOneKept } from "../../power/shedding/measured-apart.ts";
import { returnNodes } from "../../power/shedding/return-nodes.ts";
import { sleepersForReturn } from "../../power/shedding/sleepers.ts";
import { idleWattsOf } from "../../power/sleeping-nodes.ts";
import { type CurtailmentRecord, drawKey } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Measure } from "../../words/command.ts";
import type { Reply } from "../../words/reply.ts";
import { isBelowFloor } from "../../state/low-attempts.ts";
import { highestCap } from "../caps/cap-orders.ts";
import { type Deciding, rejected } from "../deciding.ts";
import {
  bringBack,
  isAnyoneOut,
  isHeldAtFloors,
  isSomebodyLeaving,
} from "../shed/held-at-floors.ts";
import { learnNeeds } from "../caps/learn-needs.ts";
import { capInReach, orderWithinRamp } from "../caps/ramp-caps.ts";
import { isAnswerLate } from "../shed/late-answers.ts";
import { missingPart, passedToldFromMs, passedWatts } from "../shed/passed-target.ts";
import { planAhead } from "../shed/plan-ahead.ts";
import { sleepForMissing } from "../nodes/sleep-nodes.ts";
import { startReturning } from "../shed/start-returning.ts";
import { capWithinBounds, lowWhileSteered, pastPromises } from "../caps/raise-low.ts";
import { leftByAll } from "../caps/steered-caps.ts";

const minuteMs = 60_000;
/** Of so few minutes the first was measured in part and the last is not over. */
const newMinutes = 3;
/** Between two plans of who is paused: a checkpoint takes its time. */
const planAgainMs = 300_000;
/** In a short one that lets somebody back who need not be paused: this part of it. */
const returnsAgainPart = 0.25;
/** And where the target is passed: whatever was planned before has had its two minutes. */
const passedAgainMs = 150_000;

/** Keeps a measurement once a minute, and every one while a planned curtailment is near; then steers. */
export function measure(deciding: Deciding, command: Measure): Reply {
  const { state, emit } = deciding;
  const site = state.sites.get(command.site);
  if (site === undefined) {
    return rejected("unknown-site", `site "${command.site}" is not known`);
  }
  const known = command.domains.filter(
    ({ domain, watts }) => domain < site.site.domains.length && Number.isFinite(watts),
  );
  learnNeeds(deciding, site, command);
  const isNear = isEveryOneKept(state, site, state.nowMs);
  if (known.length === 0 || !(isNear || isOneDue(state, site, known[0]?.domain ?? 0))) {
    return { kind: "done" };
  }
  emit({
    kind: "draw-measured",
    site: site.site.id,
    domains: known.map((one) => one.domain),
    watts: known.map((one) => Math.round(one.watts)),
    ...(isNear && command.attempts.length > 0
      ? {
          attempts: command.attempts.map(({ attempt, watts }) => ({
            attempt,
            watts: Math.round(watts),
          })),
        }
      : {}),
  });
  const steeredNow = [...state.curtailments.records.values()].filter(
    ({ curtailment, steered: step }) =>
      curtailment.site === site.site.id && step?.atMs === state.nowMs,
  );
  if (steeredNow.length > 0) {
    follow(deciding, site);
  }
  for (const record of steeredNow) {
    planAgain(deciding, site, record);
    bringBack(deciding, site, record);
    // What was missing now is in a plan of now already.
    if (record.plannedAtMs < state.nowMs && isMissingForGood(state, site, record)) {
      sleepForMissing(deciding, site, record);
    }
  }
  return { kind: "done" };
}

/** The first are all kept, until a whole minute is known: they tell how far apart they come, and what is drawn once all run. */
function isOneDue(state: EngineState, site: SiteState, domain: number): boolean {
  const history = state.curtailments.draws.get(drawKey(site, domain));
  const isNew = history === undefined || history.minutes.length < newMinutes;
  return isNew || state.nowMs - history.lastAtMs >= minuteMs;
}

/** Who writes his checkpoint still draws what is missing for somebody else. */
function isMissingForGood(
  state: EngineState,
  site: SiteState,
  { curtailment, steered }: CurtailmentRecord,
): boolean {
  const worthWatts = toNumber(curtailment.target) * missingPart;
  return (steered?.missingWatts ?? 0) > worthWatts && !isSomebodyLeaving(state, site);
}

/**
 * Floors that do not fit any more (a job started, a checkpoint failed) call for other pauses; watts that
 * nobody takes, since others ended early, for fewer.
 */
function planAgain(deciding: Deciding, site: SiteState, record: CurtailmentRecord): void {
  const { state } = deciding;
  const isFirstLook = record.isPlannedUnmeasured && !isSomebodyLeaving(state, site);
  const missingWatts = record.steered?.missingWatts ?? 0;
  // Nothing is left to lower, and yet minute after minute is over: then the least is no margin.
  const isPassed = missingWatts > 0 && passedWatts(record, state.nowMs) > 0;
  const isPlanDue =
    isPlanOld(state, record) ||
    isFirstLook ||
    (isPassed && state.nowMs - record.plannedAtMs >= passedAgainMs);
  const isAnswered = !isPassed && isAnsweredSince(state, site, record);
  const isReturnDue = isFirstLook || isPlanOld(state, record, returnsAgainMs(record));
  if (!record.isPlanned || !(isPlanDue || isAnswered || isReturnDue)) {
    return;
  }
  const isMissing =
    isAnswered || (isPlanDue && (isPassed || isMissingForGood(state, site, record)));
  // What was planned by curves alone is planned again as soon as they are seen to tell too little, or too much.
  const isMore =
    (isPlanOld(state, record) && isMoreKept(state, site, record)) ||
    (isReturnDue && mayReturnEarly(state, site, record));
  if (isMissing || isMore) {
    const mayWiden = (isMissing || record.widenedBy > 0) && !isHeldAtFloors(state, site, record);
    // A first look has seen a minute at most, which may be a surprise: a target that is passed tells, or before it can the next plan.
    const isToTell = !isPlanOld(state, record) || state.nowMs >= passedToldFromMs(record);
    const isSurprise = !isPassed && isToTell && record.widenedBy === 0;
    const widening = isSurprise ? "slight" : "any";
    planAhead(deciding, site, record, mayWiden ? widening : "none");
  }
}

/**
 * Nobody was stopped for answers that were late, and these are all there now: who has to stop for a target that does not
 * hold with them either stops at once, and not when it has been passed for minutes.
 */
function isAnsweredSince(state: EngineState, site: SiteState, record: CurtailmentRecord): boolean {
  const atMs = Math.max(state.nowMs, toNumber(record.curtailment.start));
  return (
    record.isAwaitingAnswers &&
    !isPlanOld(state, record) &&
    !isSomebodyLeaving(state, site) &&
    !isAnswerLate(state, site, plannedTogether(state, site, record, atMs)) &&
    !isHeldAtFloors(state, site, record)
  );
}

/** Who is paused for watts that nobody takes is let back sooner where not much is left of his pause. */
function returnsAgainMs({ curtailment: { start, end } }: CurtailmentRecord): number {
  return Math.min(planAgainMs, (toNumber(end) - toNumber(start)) * returnsAgainPart);
}

function isPlanOld(
  { nowMs }: EngineState,
  { plannedAtMs }: CurtailmentRecord,
  ageMs: number = planAgainMs,
): boolean {
  return nowMs - plannedAtMs >= ageMs;
}

/** Floors that gave way are kept again as soon as they can be, and who fits comes back. */
function isMoreKept(state: EngineState, site: SiteState, record: CurtailmentRecord): boolean {
  return (
    record.widenedBy > 0 || isAnyoneOut(state, site, record) || mayReturnEarly(state, site, record)
  );
}

/** Would a task that this curtailment has paused fit in the room that its steering leaves for starts? */
function mayReturnEarly(
  state: EngineState,
  site: SiteState,
  { curtailment }: CurtailmentRecord,
): boolean {
  const room = site.startRooms.get(curtailment.id);
  if (room === undefined) {
    return false;
  }
  const roomScaled = room.ceilingScaled - room.loadScaled;
  for (const paused of state.curtailments.paused.values()) {
    const isOwn = paused.site === site.site.id && paused.curtailment === curtailment.id;
    if (isOwn && !paused.isReturning && isAwaited(state, paused)) {
      let neededScaled = 0;
      const add = (node: number, watts: number): void => {
        visitAbove(site, node, watts, (column, scaled) => {
          neededScaled += column === room.domain ? scaled : 0;
        });
      };
      returnNodes(state, site, paused).forEach((node) =>
        add(node, returnWatts(state, site, paused, node)),
      );
      sleepersForReturn(state, site, paused).forEach((node) =>
        add(node, idleWattsOf(site, [node])),
      );
      if (neededScaled <= roomScaled) {
        return true;
      }
    }
  }
  return false;
}

/**
 * Carries out what the steering asked for, a raise as far as breakers carry it, and what is promised for later. Who was
 * brought below its floor for what bounds must not exceed is back at it before others get more than theirs.
 */
function follow(deciding: Deciding, site: SiteState): void {
  const { state } = deciding;
  const left = leftByAll(state, site);
  const low = [...left.values()].flatMap(({ attempt, capWatts }) =>
    attempt !== undefined && isBelowFloor(attempt) && capWatts > attempt.capWatts
      ? [{ attempt, capWatts: Math.min(capWatts, attempt.floorCapWatts) }]
      : [],
  );
  pastPromises(state, site, low, (windows, { attempt, capWatts }) => {
    moveCap(deciding, { site, windows }, attempt, capWatts);
  });
  const windows = raiseWindows(state, site);
  for (const [id, { attempt, capWatts }] of left) {
    if (attempt === undefined) {
      startReturning(deciding, site, id, capWatts);
    } else {
      moveCap(deciding, { site, windows }, attempt, capWatts);
    }
  }
  pastPromises(state, site, lowWhileSteered(state, site), (hardWindows, attempt) => {
    moveCap(deciding, { site, windows: hardWindows }, attempt, capWithinBounds(site, attempt));
  });
}

function moveCap(
  deciding: Deciding,
  { site, windows }: { readonly site: SiteState; readonly windows: RaiseWindows },
  attempt: Attempt,
  capWatts: number,
): void {
  const { state } = deciding;
  const highest = highestCap(site, attempt);
  const wanted = capWatts >= highest ? 0 : Math.floor(capWatts);
  const isRaise = (wanted || highest) > (attempt.capWatts || highest);
  const cap = isRaise
    ? highestRaiseWithin(site, windows, attempt, capInReach(state, site, attempt, wanted))
    : wanted;
  if (cap !== attempt.capWatts) {
    orderWithinRamp(deciding, site, attempt, cap);
    windows.changed(attempt);
  }
}
