import { startClock, type Took } from "../clock.ts";
import type { ScaleSite } from "./scale-site.ts";

const repeats = 10;

/**
 * Plans everything anew, as after a restart: no answer of an earlier pass counts, every shape of the queue
 * is asked for, and what follows (starts, promises, squeezes, raises) is decided until nothing is left.
 */
export function measureReplans(site: ScaleSite): readonly Took[] {
  return Array.from({ length: repeats }, () => {
    site.nowMs += 1_000;
    const stop = startClock();
    site.run({ kind: "restart" });
    site.run({ kind: "place" });
    site.settle();
    const took = stop();
    site.calmDown(1);
    return took;
  });
}
