import { toNumber } from "@ertis/quantities";
import type { PowerDomain } from "@ertis/site-model";
import { ceilingWatts, isFelt, recoveredAtMs } from "../../power/recovery.ts";
import type { SiteState } from "../../state/site-state.ts";

/** A curtailment that is over and gives its watts back step by step: until then less is free than limits leave. */
export interface GivingBack {
  readonly curtailment: string;
  /** What it lets the domain carry now. */
  readonly watts: number;
  readonly untilMs: number;
}

/** Of those of a domain the one that leaves least; undefined: none leaves less than the domain may carry anyway. */
export function givingBackAt(
  site: SiteState,
  { id, usableWatts }: PowerDomain,
  nowMs: number,
): GivingBack | undefined {
  const usable = toNumber(usableWatts);
  let least: GivingBack | undefined;
  for (const one of site.curtailments) {
    if (one.domain !== id || nowMs < toNumber(one.end) || !isFelt(one, nowMs)) {
      continue;
    }
    const watts = ceilingWatts(one, usable, nowMs);
    if (watts < (least?.watts ?? usable)) {
      least = { curtailment: one.id, watts, untilMs: recoveredAtMs(one) };
    }
  }
  return least;
}
