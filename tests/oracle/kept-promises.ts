import { toNumber } from "@ertis/quantities";
import type { Entry } from "@ertis/scheduler-engine";
import { Promises } from "@ertis/simulator";
import type { World } from "./world.ts";

/**
 * Promised starts of a whole history, judged as the simulator judges them, promise by promise: when, at which cap and to end by
 * when. For clusters that answer: what a silent one holds up is judged by the checker of promises as the history goes on.
 *
 * @param world as the whole history has left it
 */
export function brokenPromises(entries: readonly Entry[], world: World): readonly string[] {
  const broken: string[] = [];
  const promises = new Promises(
    (number) => {
      const spec = world.jobs.get(number)?.spec;
      return (
        spec && {
          walltimeMs: toNumber(spec.walltime),
          checkpoint: spec.checkpoint && {
            saveMs: toNumber(spec.checkpoint.save),
            restoreMs: toNumber(spec.checkpoint.restore),
          },
        }
      );
    },
    (_property, message) => broken.push(message),
  );
  let lastMs = 0;
  for (const { at, events } of entries) {
    lastMs = toNumber(at);
    promises.entryBegins();
    for (const event of events) {
      promises.observe(event, lastMs);
    }
  }
  promises.finish(lastMs);
  return broken;
}
