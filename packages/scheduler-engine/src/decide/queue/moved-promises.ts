import { instant } from "@ertis/quantities";
import { stopGraceMs } from "../../limits.ts";
import { reservationOf } from "../../placement/find.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { isLowerCap } from "../../state/reservations.ts";
import type { Reservation } from "../../state/site-state.ts";
import type { MovedPromise, PromisedStart, Reply } from "../../words/reply.ts";
import { promiseAgain, type Promising } from "./head.ts";

/** The starts that are promised at a site. */
export function promisesAt(state: EngineState, siteId: string): readonly Reservation[] {
  const site = known(state.sites.get(siteId), "site of promises");
  return site.pools.flatMap(({ reservations }) => reservations);
}

/**
 * Does what may take the room of promised starts of a site (a curtailment or a budget is announced, nodes leave
 * service) and answers which of them it moves.
 */
export function doneWithMoved(deciding: Promising, siteId: string, announce: () => void): Reply {
  const before = promisesAt(deciding.state, siteId);
  announce();
  const moved = movePromises(deciding, before);
  return moved.length === 0 ? { kind: "done" } : { kind: "done", moved };
}

/**
 * What is announced has taken the room of promised starts: they are promised again in the same breath, so that
 * who announces is told which come later or lower, and the log says it beside the cause. Who gets no new start
 * is named there, too.
 */
export function movePromises(
  deciding: Promising,
  before: readonly Reservation[],
): readonly MovedPromise[] {
  promiseAgain(deciding);
  const moved = before.flatMap(
    (one) => movedOf(deciding.state, { job: one.job, from: startOf(one) }) ?? [],
  );
  for (const { job, to } of moved) {
    if (to === undefined) {
      deciding.emit({ kind: "reservation-dropped", job });
    }
  }
  return moved.toSorted((a, b) => Number(a.from.start) - Number(b.from.start) || a.job - b.job);
}

/** A start that was promised, to where it is promised now; undefined: it is kept. */
export function movedOf(
  state: EngineState,
  { job, from }: Pick<MovedPromise, "job" | "from">,
): MovedPromise | undefined {
  const kept = reservationOf(state, known(state.jobs.get(job), "job of a promised start"));
  const to = kept && startOf(kept);
  const isKept =
    to !== undefined &&
    to.start <= from.start &&
    to.end <= from.end &&
    !isLowerCap(to.capWatts, from.capWatts);
  return isKept ? undefined : { job, from, ...(to === undefined ? {} : { to }) };
}

function startOf({ startAtMs, holdsUntilMs, capWatts }: Reservation): PromisedStart {
  return { start: instant(startAtMs), capWatts, end: instant(holdsUntilMs - stopGraceMs) };
}
