import { asksByBounds } from "../../power/stale-meters.ts";
import { isGivingBack } from "../../power/recovery.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import { returnsAtMs } from "../../power/shedding/returns-at.ts";
import { withWattsBack } from "../../power/what-if/promised-room.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Reservation, SiteState } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";

/** How a task that was paused would start. */
export interface ReturningStart<T> {
  readonly paused: Pick<PausedTask, "job" | "nodes" | "untilMs" | "curtailment">;
  /** Wakes nodes for it where it needs them. */
  readonly find: () => T | undefined;
  /** Would that find anything? Looks only. */
  readonly isPossible: () => boolean;
}

/**
 * The start of a task that a curtailment has paused. Others were promised theirs on the ground that it would be gone by
 * then; the curtailment made it later. Its tier goes before them: those that stand in its way are let go, and planned anew,
 * those on its own nodes before others. Before it was to be back it takes the room of nobody who was to start by then, and
 * waits for those who are due: who cancels a curtailment moves no start. Only what bounds ask for pauses without notice: while that is
 * on, who is let back sooner is owed it by his tier. None is where it only waits for what a curtailment that is over gives back in steps.
 */
export function foundBesidePromises<T>(
  deciding: Deciding,
  site: SiteState,
  { paused, find, isPossible }: ReturningStart<T>,
): T | undefined {
  const { nowMs } = deciding.state;
  const promises = site.pools.flatMap((pool) => pool.reservations);
  const backMs = isOwed(deciding.state, site, paused) ? nowMs : returnsAtMs(deciding.state, paused);
  if (nowMs < backMs && promises.some((one) => one.startAtMs <= nowMs && one.job !== paused.job)) {
    return undefined;
  }
  const found = find();
  const mayLetGo = promises.filter(({ startAtMs }) => nowMs >= backMs || startAtMs >= backMs);
  const isRecovering = site.curtailments.some((one) => isGivingBack(one, nowMs));
  for (const given of found === undefined ? letGoInTurn(mayLetGo, paused.nodes) : []) {
    const isEnough = (): boolean => withLifted(given, isPossible);
    if (given.length > 0 && isEnough()) {
      given.forEach(({ job }) => deciding.emit({ kind: "reservation-dropped", job }));
      return find();
    }
    if (isRecovering && withWattsBack(site, paused.job, nowMs, isEnough)) {
      return undefined;
    }
  }
  return found;
}

/** It is out for what bounds are kept below, and that is not over. */
function isOwed(
  { nowMs }: EngineState,
  site: SiteState,
  { curtailment }: Pick<PausedTask, "curtailment">,
): boolean {
  const isOn =
    site.lostSupplies.size > 0 || site.curtailments.some((one) => asksByBounds(site, one, nowMs));
  return curtailment === undefined && isOn;
}

/** None, each alone, and at last all of them; nothing where nothing is promised. */
function letGoInTurn(
  promises: readonly Reservation[],
  own: readonly number[],
): readonly (readonly Reservation[])[] {
  const isOwn = ({ nodes }: Reservation): boolean => nodes.some((node) => own.includes(node));
  const alone = [...promises.filter(isOwn), ...promises.filter((one) => !isOwn(one))];
  return promises.length === 0 ? [] : [[], ...alone.map((one) => [one]), promises];
}
