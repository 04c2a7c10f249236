import { withLifted } from "../../power/what-if/lifted.ts";
import { withWattsBack } from "../../power/what-if/promised-room.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import type { Deciding } from "../deciding.ts";

/** How a task that was paused would start. */
export interface ReturningStart<T> {
  readonly job: JobNumber;
  /** Wakes nodes for it where it needs them. */
  readonly find: () => T | undefined;
  /** Would that find anything? Looks only. */
  readonly isPossible: () => boolean;
}

/**
 * The start of a task that a curtailment has paused. Others were promised theirs on the ground that it would be gone by
 * then; the curtailment made it later. Its tier goes before them: those that stand in its way are let go, and planned anew.
 * None is where it only waits for what a curtailment that is over gives back in steps: they were promised beside its return.
 */
export function foundBesidePromises<T>(
  deciding: Deciding,
  site: SiteState,
  { job, find, isPossible }: ReturningStart<T>,
): T | undefined {
  const found = find();
  const promises = found === undefined ? site.pools.flatMap((pool) => pool.reservations) : [];
  if (promises.length > 0 && withWattsBack(site, job, deciding.state.nowMs, isPossible)) {
    return undefined;
  }
  for (const given of [...promises.map((one) => [one]), promises]) {
    if (given.length > 0 && withLifted(given, isPossible)) {
      given.forEach((one) => deciding.emit({ kind: "reservation-dropped", job: one.job }));
      return find();
    }
  }
  return found;
}
