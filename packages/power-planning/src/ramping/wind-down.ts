import type { GangLevel } from "./gang-levels.ts";
import {
  type RampBudget,
  type RampPath,
  recordChange,
  roomOnPath,
  withdrawChange,
} from "./ramp-budget.ts";
import type { RampStep } from "./ramp-ledger.ts";

/** From its moment on the gang has this level. */
export interface Stage {
  readonly atMs: number;
  readonly level: number;
}

/** A gang whose end is known. */
export interface EndingGang {
  readonly path: RampPath;
  readonly levels: readonly GangLevel[];
  readonly level: number;
  /** By when after a lowering it surely draws no more than that allows. */
  readonly capSettleMs: number;
  /** And by when after its stop it surely draws nothing more. */
  readonly stopSettleMs: number;
}

export interface WindDownTimes {
  readonly nowMs: number;
  readonly endMs: number;
  readonly everyMs: number;
}

/**
 * Plans an end as late steps down: the stop itself is as high as the ramp allows at the end, and
 * the caps fall before it no earlier than needed. Starts that are planned around the end make room
 * for it: what they add, the end may take away. Writes into the budget.
 *
 * Backward from the end: each step starts at the highest level from which the ramp still allows to
 * reach the next one. Steps are written down as they are found, and taken out again on failure.
 *
 * @returns undefined: no stages keep the ramp, and nothing is written
 */
export function planWindDown(
  budget: RampBudget,
  gang: EndingGang,
  { nowMs, endMs, everyMs }: WindDownTimes,
): readonly Stage[] | undefined {
  const stages: Stage[] = [];
  let level = 0;
  for (let atMs = endMs; level < gang.level && atMs >= nowMs; atMs -= everyMs) {
    const { downWatts } = roomOnPath(budget, gang.path, { atMs, settleMs: settleOf(gang, level) });
    const from = highestFrom(gang, level, downWatts);
    if (from > level) {
      stages.unshift({ atMs, level });
      recordChange(budget, gang.path, fallOf(gang, { atMs, from, to: level }));
      level = from;
    }
  }
  if (level === gang.level) {
    return stages;
  }
  takeBack(budget, { ...gang, level }, stages);
  return undefined;
}

function takeBack(budget: RampBudget, gang: EndingGang, stages: readonly Stage[]): void {
  for (const [at, stage] of stages.entries()) {
    const from = stages[at - 1]?.level ?? gang.level;
    withdrawChange(budget, gang.path, fallOf(gang, { atMs: stage.atMs, from, to: stage.level }));
  }
}

/** An end that cannot be wound down, or not any more: it falls at once, and others keep clear of it. */
export function recordStop(budget: RampBudget, gang: EndingGang, atMs: number): void {
  recordChange(budget, gang.path, fallOf(gang, { atMs, from: gang.level, to: 0 }));
}

/** The highest level from which `to` can be reached in one step of so many watts. */
function highestFrom(gang: EndingGang, to: number, downWatts: number): number {
  let from = gang.level;
  while (from > to && wattsAt(gang, from) - wattsAt(gang, to) > downWatts) {
    from -= 1;
  }
  return from;
}

function fallOf(
  gang: EndingGang,
  { atMs, from, to }: { readonly atMs: number; readonly from: number; readonly to: number },
): RampStep {
  const watts = wattsAt(gang, to) - wattsAt(gang, from);
  return { atMs, watts, settleMs: settleOf(gang, to), cause: "planned" };
}

function settleOf(gang: EndingGang, lowerLevel: number): number {
  return lowerLevel === 0 ? gang.stopSettleMs : gang.capSettleMs;
}

function wattsAt(gang: EndingGang, level: number): number {
  return gang.levels[level]?.watts ?? 0;
}
