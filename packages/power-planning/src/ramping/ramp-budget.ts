import {
  createRampLedger,
  forgetSteps,
  type RampLedger,
  type RampRoom,
  type RampStep,
  recordStep,
  roomAt,
  withdrawStep,
} from "./ramp-ledger.ts";
import type { RampLimit } from "./ramp-limit.ts";

/** The ledgers of a tree; a domain without a limit has none. */
export interface RampBudget {
  readonly ledgers: readonly (RampLedger | undefined)[];
}

/** The domains above something, and by how much each grows for a watt of it. */
export interface RampPath {
  readonly domains: readonly number[];
  readonly wattsPerWatt: readonly number[];
}

export function createRampBudget(limits: readonly (RampLimit | undefined)[]): RampBudget {
  return { ledgers: limits.map((limit) => limit && createRampLedger(limit)) };
}

/** A change of `watts` at the lower end of a path, written down at every domain above. */
export function recordChange(budget: RampBudget, path: RampPath, change: RampStep): void {
  forEachLedger(budget, path, (ledger, wattsPerWatt) => {
    recordStep(ledger, { ...change, watts: change.watts * wattsPerWatt });
  });
}

/** Takes back what `recordChange` wrote down. */
export function withdrawChange(budget: RampBudget, path: RampPath, change: RampStep): void {
  forEachLedger(budget, path, (ledger, wattsPerWatt) => {
    withdrawStep(ledger, { ...change, watts: change.watts * wattsPerWatt });
  });
}

export function forgetChanges({ ledgers }: RampBudget, nowMs: number): void {
  for (const ledger of ledgers) {
    if (ledger !== undefined) {
      forgetSteps(ledger, nowMs);
    }
  }
}

/** How far something may step at `atMs`: what the tightest domain above it allows. */
export function roomOnPath(
  budget: RampBudget,
  path: RampPath,
  { atMs, settleMs }: Pick<RampStep, "atMs" | "settleMs">,
): RampRoom {
  let upWatts = Infinity;
  let downWatts = Infinity;
  forEachLedger(budget, path, (ledger, wattsPerWatt) => {
    const room = roomAt(ledger, atMs, settleMs);
    upWatts = Math.min(upWatts, room.upWatts / wattsPerWatt);
    downWatts = Math.min(downWatts, room.downWatts / wattsPerWatt);
  });
  return { upWatts, downWatts };
}

function forEachLedger(
  { ledgers }: RampBudget,
  path: RampPath,
  visit: (ledger: RampLedger, wattsPerWatt: number) => void,
): void {
  for (const [at, domain] of path.domains.entries()) {
    const ledger = ledgers[domain];
    if (ledger !== undefined) {
      visit(ledger, path.wattsPerWatt[at] ?? 0);
    }
  }
}
