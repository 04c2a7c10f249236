import { type ChangeProfile, changeIn, positionAfter, profileOf } from "./change-profile.ts";
import { bendsMs, memoryMs, partAtMost, type RampLimit, stepWattsMax } from "./ramp-limit.ts";

/** Planned changes keep the limit; unplanned ones (a crash) and emergencies are counted. */
export type ChangeCause = "planned" | "unplanned" | "emergency";

/** One change of what a domain draws. */
export interface RampStep {
  readonly atMs: number;
  /** Above 0: more. */
  readonly watts: number;
  /**
   * By when after its moment the change is surely done, 0: at once. However it goes in between, as
   * long as it never turns back, the limit holds.
   */
  readonly settleMs: number;
  readonly cause: ChangeCause;
}

/** What one domain did lately and will do as planned. Steps in rising order of their moments. */
export interface RampLedger {
  readonly limit: RampLimit;
  readonly steps: RampStep[];
}

/** How far a domain may step at a moment. */
export interface RampRoom {
  readonly upWatts: number;
  readonly downWatts: number;
}

export function createRampLedger(limit: RampLimit): RampLedger {
  return { limit, steps: [] };
}

/**
 * Writes a change down; one that is planned for later, too. Changes that differ in watts only join. A
 * rise and a fall do so only where both are made at once: while they settle, either may be drawn alone.
 */
export function recordStep(ledger: RampLedger, step: RampStep): void {
  const { steps } = ledger;
  let at = steps.length;
  while (at > 0 && (steps[at - 1]?.atMs ?? 0) > step.atMs) {
    at -= 1;
  }
  for (let same = at - 1; steps[same]?.atMs === step.atMs; same -= 1) {
    const before = steps[same];
    if (before !== undefined && isAlike(before, step)) {
      steps[same] = { ...before, watts: before.watts + step.watts };
      return;
    }
  }
  steps.splice(at, 0, step);
}

/** Takes out again what `recordStep` wrote down, also as a part of what it joined. */
export function withdrawStep({ steps }: RampLedger, step: RampStep): void {
  const at = steps.findIndex((one) => isAlike(one, step));
  const found = steps[at];
  if (found === undefined) {
    return;
  }
  const watts = found.watts - step.watts;
  // Sums of the same numbers in another order may differ in their last digits.
  const isAll = Math.abs(watts) <= 1e-9 * Math.abs(step.watts);
  steps.splice(at, 1, ...(isAll ? [] : [{ ...found, watts }]));
}

/** Of so many slots a window or `perMs` has, whichever is longer; steps within one may be told as one. */
const slotsPerWindow = 60;

/**
 * Writes down what has happened, so that a ledger stays small however often its domain steps: what goes
 * the same way for the same cause within a slot becomes one step that is surely done when the last of
 * them is. That allows less room, never more.
 */
export function recordJoined(ledger: RampLedger, step: RampStep): void {
  const { limit, steps } = ledger;
  const slotMs = Math.max(limit.windowMs, limit.perMs) / slotsPerWindow;
  const at = steps.findLastIndex((one) => isSameSlot(one, step, slotMs));
  const before = steps[at];
  if (before === undefined) {
    recordStep(ledger, step);
    return;
  }
  steps.splice(at, 1);
  const atMs = Math.min(before.atMs, step.atMs);
  const doneMs = Math.max(before.atMs + before.settleMs, step.atMs + step.settleMs);
  const watts = before.watts + step.watts;
  recordStep(ledger, { atMs, watts, settleMs: doneMs - atMs, cause: step.cause });
}

/** They begin within a slot of each other, and neither settles much longer than the other. */
function isSameSlot(a: RampStep, b: RampStep, slotMs: number): boolean {
  const startsMs = Math.abs(a.atMs - b.atMs);
  const endsMs = Math.abs(a.atMs + a.settleMs - b.atMs - b.settleMs);
  return a.cause === b.cause && a.watts > 0 === b.watts > 0 && startsMs < slotMs && endsMs < slotMs;
}

function isAlike(a: RampStep, b: RampStep): boolean {
  const isOneMoment = a.atMs === b.atMs && a.settleMs === b.settleMs;
  return isOneMoment && a.cause === b.cause && (a.settleMs === 0 || a.watts > 0 === b.watts > 0);
}

/** Drops what no mean sees any more. */
export function forgetSteps(ledger: RampLedger, nowMs: number): void {
  const { limit, steps } = ledger;
  const kept = steps.findIndex((step) => countsUntilMs(limit, step) >= nowMs);
  steps.splice(0, kept < 0 ? steps.length : kept);
}

/**
 * How far the domain may step at `atMs` without any mean of any later moment leaving the limit,
 * everything written down counted. Exact: sums of straight lines are largest where one bends.
 *
 * @param settleMs by when the new step is surely done
 */
export function roomAt(ledger: RampLedger, atMs: number, settleMs: number = 0): RampRoom {
  return roomIn(ledger.limit, profileOf(ledger), atMs, settleMs);
}

function roomIn(
  limit: RampLimit,
  profile: ChangeProfile,
  atMs: number,
  settleMs: number,
): RampRoom {
  let upWatts = Infinity;
  let downWatts = Infinity;
  const look = (moment: number, highWatts: number, lowWatts: number): void => {
    const part = partAtMost(limit, moment - atMs, settleMs);
    if (part > 0) {
      upWatts = Math.min(upWatts, (limit.watts - highWatts) / part);
      downWatts = Math.min(downWatts, (limit.watts + lowWatts) / part);
    }
  };
  for (const bend of bendsMs(limit, settleMs)) {
    const { highWatts, lowWatts } = changeIn(profile, atMs + bend);
    look(atMs + bend, highWatts, lowWatts);
  }
  const { momentsMs, highWatts, lowWatts } = profile;
  const untilMs = atMs + memoryMs(limit) + settleMs;
  for (let at = positionAfter(profile, atMs); (momentsMs[at] ?? Infinity) < untilMs; at += 1) {
    look(momentsMs[at] ?? 0, highWatts[at] ?? 0, lowWatts[at] ?? 0);
  }
  return { upWatts: Math.max(0, upWatts), downWatts: Math.max(0, downWatts) };
}

/** Moments for a step are looked for so finely, in parts of a window, and never more finely than a second. */
const looksPerWindow = 120;

/**
 * The first moment from `fromMs` on, as finely as is looked, at which a step of so many watts (below 0:
 * down) is allowed. Undefined: in no moment, for it is larger than any step may be.
 */
export function nextStepAtMs(
  { limit, steps }: RampLedger,
  { watts, settleMs }: Pick<RampStep, "watts" | "settleMs">,
  fromMs: number,
): number | undefined {
  const quietFromMs = steps.reduce(
    (latest, step) => Math.max(latest, countsUntilMs(limit, step)),
    fromMs,
  );
  const everyMs = Math.max(1_000, Math.round(limit.windowMs / looksPerWindow));
  const profile = profileOf({ limit, steps });
  for (let atMs = fromMs; atMs < quietFromMs; atMs += everyMs) {
    if (isRoomFor(roomIn(limit, profile, atMs, settleMs), watts)) {
      return atMs;
    }
  }
  return Math.abs(watts) <= stepWattsMax(limit) ? quietFromMs : undefined;
}

/** Sums of the same numbers in another order may differ in their last digits. */
const rounding = 1 + 1e-9;

export function isRoomFor({ upWatts, downWatts }: RampRoom, watts: number): boolean {
  return watts >= 0 ? watts <= upWatts * rounding : -watts <= downWatts * rounding;
}

function countsUntilMs(limit: RampLimit, step: RampStep): number {
  return step.atMs + step.settleMs + memoryMs(limit);
}
