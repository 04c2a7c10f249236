import { holdsUntilMs } from "../power/attempt-ends.ts";
import { createHorizon, letGoOf } from "../power/create-horizon.ts";
import { ceilingsAt, curtailedAt } from "../power/horizons.ts";
import type { MoreGpus } from "../power/ledger.ts";
import { withTrial } from "../power/what-if/trial.ts";
import type { PlannedPause } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import { activeAttempts, type Attempt } from "../state/job.ts";
import type { Horizon, SiteState } from "../state/site-state.ts";
import { type Later, laterOf } from "./late-by-pauses.ts";

/** A start, and what it adds to each of its nodes: no GPU where it is kept in the ledgers already. */
interface StartBesideLate {
  readonly nodes: readonly number[];
  readonly startAtMs: number;
  readonly more: MoreGpus;
  readonly holdsUntilMs: number;
}

/** Who pauses, and until when it holds its watts because of that: ledgers count on its being gone before. */
interface Late extends Later {
  readonly attempt: Attempt;
}

/**
 * The soonest moment by which so many of those are gone who are to pause, wherever they run, that a start has its watts
 * beside the others; that of the start where it has them anyway, or for other reasons has not.
 */
export function wattsAfterPausesMs(
  state: EngineState,
  site: SiteState,
  start: StartBesideLate,
  pauses: readonly PlannedPause[],
): number {
  const { startAtMs } = start;
  // Whoever is paused at that moment gets its watts back after the start.
  const over = pauses.filter(
    ({ untilMs, nodeCount }) => nodeCount !== undefined || untilMs <= startAtMs,
  );
  const late = lateOf(state, site, over).filter(({ untilMs }) => untilMs > startAtMs);
  if (late.length === 0) {
    return startAtMs;
  }
  const kept = site.horizons.find(({ atMs }) => atMs === startAtMs);
  const then = kept ?? ledgerAt(site, startAtMs, state.nowMs);
  const later = site.horizons.filter(({ atMs }) => atMs > startAtMs && atMs < start.holdsUntilMs);
  const moments = [then, ...later].map((ledger) => roomFromMs(site, ledger, start, late));
  if (kept === undefined) {
    letGoOf(site, then);
  }
  return Math.max(startAtMs, ...moments);
}

function ledgerAt(site: SiteState, atMs: number, nowMs: number): Horizon {
  return createHorizon(site, atMs, ceilingsAt(site, atMs), curtailedAt(site, atMs, nowMs));
}

/** The first to be done first. */
function lateOf(
  state: EngineState,
  site: SiteState,
  pauses: readonly PlannedPause[],
): readonly Late[] {
  return [...new Set(pauses.map(({ job }) => job))]
    .flatMap((number) => {
      const job = state.jobs.get(number);
      return job === undefined ? [] : activeAttempts(job);
    })
    .filter(({ placement }) => placement.site === site.site.id)
    .map((attempt) => ({ attempt, ...laterOf(state, site, attempt, pauses) }))
    .filter(({ attempt, untilMs }) => holdsUntilMs(attempt) < untilMs && untilMs < Infinity)
    .toSorted((a, b) => a.untilMs - b.untilMs || a.attempt.job - b.attempt.job);
}

/** When so many of those who hold their watts still at the moment of a ledger are gone that there is room for a start. */
function roomFromMs(
  site: SiteState,
  ledger: Horizon,
  start: StartBesideLate,
  late: readonly Late[],
): number {
  const { atMs } = ledger;
  const there = late.filter(
    ({ attempt, untilMs }) => holdsUntilMs(attempt) <= atMs && atMs < untilMs,
  );
  for (let gone = 0; gone <= there.length; gone += 1) {
    if (hasRoomBeside(site, ledger, start, there.slice(gone))) {
      return there[gone - 1]?.untilMs ?? -Infinity;
    }
  }
  return -Infinity;
}

function hasRoomBeside(
  site: SiteState,
  ledger: Horizon,
  { nodes, more }: StartBesideLate,
  there: readonly Late[],
): boolean {
  return withTrial(site, [ledger], Infinity, (trial) => {
    for (const { attempt, nodes: held } of there) {
      for (const node of held) {
        trial.take(node, attempt);
      }
    }
    return nodes.every((node) => trial.add(node, more));
  });
}
