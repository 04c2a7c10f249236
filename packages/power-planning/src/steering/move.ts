import { boundWatts, floorOf, sumWatts, type Candidate } from "./candidate.ts";
import { chooseCaps, worthOf, type CapOf, type Choice } from "./choose-caps.ts";
import type { SteerSettings } from "./plan.ts";

/** What is to be decided at a measurement. */
export interface Situation {
  readonly candidates: readonly Candidate[];
  /** Released jobs that want back, the first one first. */
  readonly returning: readonly Candidate[];
  /** What all of them may draw until the next measurement, watts. */
  readonly roomWatts: number;
  /** The same of every window to come: no more than it, and nothing that was left of this one. */
  readonly lastingWatts: number;
  /** Whether no period of the window follows that could make up for too much. */
  readonly isLastPeriod: boolean;
  readonly isReplanDue: boolean;
}

export interface Moved {
  readonly caps: readonly CapOf[];
  readonly granted: readonly number[];
  readonly missingWatts: number;
  readonly isReplanned: boolean;
}

const still: Moved = { caps: [], granted: [], missingWatts: 0, isReplanned: false };

/**
 * Lowers when too much is expected, raises when too little is, and never both in one step: what is
 * raised must already be free.
 */
export function move(situation: Situation, settings: SteerSettings): Moved {
  const { candidates, roomWatts } = situation;
  const spareWatts = roomWatts - sumWatts(candidates);
  const toleranceWatts = settings.toleranceShare * Math.max(0, roomWatts);
  const mustLower =
    spareWatts < (situation.isLastPeriod ? 0 : -toleranceWatts) || candidates.some(isOverCeiling);
  if (mustLower) {
    return lower(candidates, roomWatts);
  }
  const first = situation.returning[0];
  if (first !== undefined) {
    return admit(first, situation);
  }
  if (situation.isReplanDue) {
    return replan(situation, settings);
  }
  return spareWatts > toleranceWatts ? raise(situation) : still;
}

function isOverCeiling({ job, isOpen }: Candidate): boolean {
  return !isOpen && job.capInForceWatts > job.ceilingCapWatts;
}

/** Those whose caps may move; the others count as they are. */
function splitMovable(
  candidates: readonly Candidate[],
  roomWatts: number,
  isMovable: (one: Candidate) => boolean,
): { readonly movable: readonly Candidate[]; readonly leftWatts: number } {
  const fixed = candidates.filter((one) => !isMovable(one));
  return { movable: candidates.filter(isMovable), leftWatts: roomWatts - sumWatts(fixed) };
}

/** It was lowered below its floor for something else than this target: it is back at it first, also from a dip. */
function isBelowFloor({ job, isOpen }: Candidate): boolean {
  return !isOpen && job.presence === "running" && job.capInForceWatts < floorOf(job);
}

const isAwake = (one: Candidate): boolean =>
  isOverCeiling(one) || isBelowFloor(one) || (!one.isOpen && !one.isResting);
const isAcknowledged = (one: Candidate): boolean => !one.isOpen;

function choose(
  candidates: readonly Candidate[],
  roomWatts: number,
  way: { readonly move: "lower" | "raise" | "either"; readonly of: (one: Candidate) => boolean },
): Choice {
  const { movable, leftWatts } = splitMovable(candidates, roomWatts, way.of);
  return chooseCaps(movable, leftWatts, way.move);
}

/** A job that rests gives nothing by a lower cap now, so it is asked only when the others cannot give enough. */
function lower(candidates: readonly Candidate[], roomWatts: number): Moved {
  const awake = choose(candidates, roomWatts, { move: "lower", of: isAwake });
  if (awake.kind === "caps") {
    return { ...still, caps: changesOf(awake.caps) };
  }
  const all = choose(candidates, roomWatts, { move: "lower", of: isAcknowledged });
  if (all.kind === "caps") {
    return { ...still, caps: changesOf(all.caps) };
  }
  const floors = candidates
    .filter(isAcknowledged)
    .map(({ job }) => ({ job, capWatts: Math.min(floorOf(job), job.capInForceWatts) }));
  const hoped = candidates.map((one) => ({ ...one, belief: one.hopedFor ?? one.belief }));
  const atBest = choose(hoped, roomWatts, { move: "lower", of: isAcknowledged });
  const missingWatts = atBest.kind === "caps" ? 0 : atBest.missingWatts;
  return { ...still, caps: changesOf(floors), missingWatts };
}

function raise(situation: Situation): Moved {
  const { candidates, roomWatts } = situation;
  const choice = choose(candidates, roomWatts, { move: "raise", of: isAwake });
  return choice.kind === "caps"
    ? { ...still, caps: raisesOf(choice.caps, situation) }
    : raiseTowardsFloors(situation);
}

/** Who dips counts with what it draws when it is back: it is raised, too, as far as nobody else takes what is free. */
function raisesOf(caps: readonly CapOf[], { candidates, roomWatts }: Situation): readonly CapOf[] {
  const raises = changesOf(caps);
  if (raises.length > 0 || !candidates.some(isDipping)) {
    return raises;
  }
  const choice = choose(candidates, roomWatts, { move: "raise", of: isDipping });
  return choice.kind === "caps" ? changesOf(choice.caps) : [];
}

function isDipping({ job, isOpen, isResting }: Candidate): boolean {
  return isResting && !isOpen && job.presence === "running";
}

/**
 * Where there is no room for the floors of all, those who are below theirs come as near to them as there is; but not
 * with what is left of this window alone: nothing lowers them again in the next one.
 */
function raiseTowardsFloors({ candidates, lastingWatts }: Situation): Moved {
  const { movable, leftWatts } = splitMovable(candidates, lastingWatts, isBelowFloor);
  const choice = chooseCaps(movable.map(towardsFloor), leftWatts, "raise");
  return choice.kind === "caps" ? { ...still, caps: changesOf(choice.caps) } : still;
}

function towardsFloor(one: Candidate): Candidate {
  const { job } = one;
  const bounds = { floorCapWatts: job.capInForceWatts, ceilingCapWatts: floorOf(job) };
  return { ...one, job: { ...job, ...bounds } };
}

/**
 * Lets a released job back: the others give the watts of its floor first; when these are free, it is
 * granted them and what else is spare. It has drawn nothing for long, so its bound counts. Nodes are woken for it only
 * where they are free to stay so, not to the end of the window.
 */
function admit(one: Candidate, { candidates, lastingWatts, ...situation }: Situation): Moved {
  const { besideWatts = 0, isWoken = false } = one.job;
  const roomWatts = isWoken ? lastingWatts : situation.roomWatts;
  const needWatts = boundWatts(one.job, floorOf(one.job), one.belief) + besideWatts;
  if (needWatts > roomWatts - sumWatts(candidates)) {
    const given = lower(candidates, roomWatts - needWatts);
    return given.missingWatts > 0 ? { ...still, missingWatts: given.missingWatts } : given;
  }
  const choice = choose([...candidates, { ...one, isStale: true }], roomWatts - besideWatts, {
    move: "raise",
    of: ({ job }) => job.id === one.job.id,
  });
  return choice.kind === "caps" ? { ...still, caps: choice.caps, granted: [one.job.id] } : still;
}

/** The best plan from scratch; taken when it gains enough. Its lowerings come now, the raises when they are in force. */
function replan(situation: Situation, settings: SteerSettings): Moved {
  const { candidates, roomWatts } = situation;
  const ways = { best: "either", next: "raise" } as const;
  const best = choose(candidates, roomWatts, { move: ways.best, of: isAwake });
  const next = choose(candidates, roomWatts, { move: ways.next, of: isAwake });
  if (best.kind !== "caps" || next.kind !== "caps") {
    return raiseTowardsFloors(situation);
  }
  if (worthOf(best.caps) < worthOf(next.caps) * (1 + settings.replanGainShare)) {
    return { ...still, caps: raisesOf(next.caps, situation), isReplanned: true };
  }
  const lowerings = best.caps.filter(({ job, capWatts }) => capWatts < job.capInForceWatts);
  return { ...still, caps: lowerings, isReplanned: true };
}

function changesOf(caps: readonly CapOf[]): readonly CapOf[] {
  return caps.filter(({ job, capWatts }) => capWatts !== job.capInForceWatts);
}
