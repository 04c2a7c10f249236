import { leastNeedsOf } from "../../placement/least-needs.ts";
import { isRefusedByQuota } from "../../placement/quota.ts";
import type { Candidate } from "../../state/candidate.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { isInVain, isWithoutRoom, setBlocked } from "./blocked.ts";
import type { Deciding } from "../deciding.ts";
import type { Line } from "./line.ts";
import type { PreemptionLooks } from "./preempt-looks.ts";
import { RoomNow } from "./room-now.ts";
import { areTriesUsedUp, isLookedAtSoon } from "../caps/squeeze-tries.ts";
import { maySqueeze } from "../caps/squeeze-hold.ts";
import { squeezeFor } from "../caps/squeeze.ts";

/**
 * Once a pass neither stops nor squeezes anybody any more, most of a long line gets nothing of it, in whatever
 * order it is asked: whoever has no room leaves the line then. What it would have been told, it is told when
 * the line is over; should the pass end before, the next one asks for it.
 */
export class RestOfLine {
  readonly #line: Line;
  #rest: readonly Candidate[] | undefined;

  constructor(line: Line) {
    this.#line = line;
  }

  /** To be asked as soon as nobody is preempted for any more. */
  leave(state: EngineState): void {
    const isOver = this.#rest === undefined && isNobodySqueezed(state);
    this.#rest ??= isOver ? this.#line.drop((one) => isWithoutAnything(state, one)) : undefined;
  }

  isTold(deciding: Deciding, looks: PreemptionLooks): void {
    const { state } = deciding;
    const room = new RoomNow(state);
    for (const one of this.#rest ?? []) {
      const { job, account } = one;
      if (
        !isInVain({ state, line: this.#line, room }, one) &&
        !isRefusedByQuota(state, account, one.needs ?? leastNeedsOf(state, job))
      ) {
        if (!looks.leaves(job)) {
          setBlocked(state, one);
        }
        if (!isLookedAtSoon(state, job.number)) {
          squeezeFor(deciding, job);
        }
      }
    }
  }
}

function isWithoutAnything(state: EngineState, { shape, job, isPoor }: Candidate): boolean {
  return !state.lostPromises.has(job.number) && (isPoor || isWithoutRoom(state, shape, job));
}

function isNobodySqueezed(state: EngineState): boolean {
  return [...state.sites.values()].every(
    (site) =>
      // Where a cluster does not answer, starts may be kept that nobody has asked for.
      site.awaySinceMs === undefined && maySqueeze(state, site) && areTriesUsedUp(state, site),
  );
}
