import type { MovedStart } from "@ertis/api";
import { movedAsOf, type Reply } from "@ertis/scheduler-engine";
import type { Scheduler } from "@ertis/scheduler-runtime";
import { movedToApi } from "../mapping/moved-to-api.ts";

/** So many passes are waited for; a queue may have work for many more. */
const passesMax = 8;

/**
 * The promised starts that a command has moved. Where nothing could be promised again at once the passes that
 * follow it are waited for: between two reads there is one, as long as there is anything to place.
 */
export async function movedStartsBy(scheduler: Scheduler, reply: Reply): Promise<MovedStart[]> {
  const moved = reply.kind === "done" ? (reply.moved ?? []) : [];
  let asOf = moved;
  let isToCome = true;
  for (let count = 0; count < passesMax && isToCome && asOf.some(isOpen); count += 1) {
    [asOf, isToCome] = await scheduler.read(({ state, needsPass }) => [
      movedAsOf(state, moved),
      needsPass,
    ]);
  }
  return movedToApi(asOf);
}

function isOpen({ to }: { readonly to?: unknown }): boolean {
  return to === undefined;
}
