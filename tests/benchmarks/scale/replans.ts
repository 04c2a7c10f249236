import type { ScaleSite } from "./scale-site.ts";

const repeats = 10;

/**
 * Plans everything anew, as after a restart: no answer of an earlier pass counts, every shape of the queue
 * is asked for, and what follows (starts, promises, squeezes, raises) is decided until nothing is left.
 */
export function measureReplans(site: ScaleSite): readonly number[] {
  return Array.from({ length: repeats }, () => {
    site.nowMs += 1_000;
    const started = performance.now();
    site.run({ kind: "place", isAfterRestart: true });
    site.settle();
    const ms = performance.now() - started;
    site.calmDown(1);
    return ms;
  });
}
