import { movedOf } from "../../decide/queue/moved-promises.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { MovedPromise } from "../../words/reply.ts";

/**
 * The starts that an order has moved, as they stand now. Where others hold the room in its way that could be promised
 * again only once they run, that is done by the pass that goes with the order: who asked is told of that, too.
 */
export function movedAsOf(
  state: EngineState,
  moved: readonly MovedPromise[],
): readonly MovedPromise[] {
  return moved.flatMap((one) => {
    const isWaiting = (state.jobs.get(one.job)?.pending.length ?? 0) > 0;
    const isOpen = one.to === undefined;
    return isOpen ? ((isWaiting ? movedOf(state, one) : undefined) ?? []) : [one];
  });
}
