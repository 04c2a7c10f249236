import { toNumber } from "@ertis/quantities";
import { drawKey } from "../../state/curtailments.ts";
import { staleAfterMs } from "../../power/stale-meters.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";

export interface DomainDraw {
  /** Mean of the last minute that was measured. */
  readonly watts: number;
  /** So much of that minute was measured. */
  readonly measuredMs: number;
  /** When its last measurement ended. */
  readonly atMs: number;
}

/** Undefined: it was never measured, or its last measurement is too old to say anything about now. */
export function drawOf(
  state: EngineState,
  site: SiteState,
  domain: number,
): DomainDraw | undefined {
  const history = state.curtailments.draws.get(drawKey(site, domain));
  const last = history?.minutes.at(-1);
  if (
    history === undefined ||
    last === undefined ||
    state.nowMs - history.lastAtMs >= staleAfterMs
  ) {
    return undefined;
  }
  const [, wattMs, measuredMs] = last;
  return measuredMs === 0
    ? undefined
    : { watts: Math.round(wattMs / measuredMs), measuredMs, atMs: history.lastAtMs };
}

/** Of a domain's curtailments in force the one with the lowest target. */
export function curtailmentAt(
  site: SiteState,
  domainId: string,
  nowMs: number,
): Curtailment | undefined {
  let lowest: Curtailment | undefined;
  for (const one of site.curtailments) {
    const isInForce = toNumber(one.start) <= nowMs && nowMs < toNumber(one.end);
    if (
      isInForce &&
      one.domain === domainId &&
      (lowest === undefined || one.target < lowest.target)
    ) {
      lowest = one;
    }
  }
  return lowest;
}

export interface CapSums {
  readonly gpuCount: Int32Array;
  /** In units of each domain's `loadScale`. */
  readonly savedScaled: Float64Array;
}

/** GPUs below full power and what that takes off bounds, for every domain with all below it. */
export function capSums(site: SiteState): CapSums {
  const gpuCount = new Int32Array(site.parent.length);
  const savedScaled = new Float64Array(site.parent.length);
  for (const attempt of site.attempts) {
    if (attempt.capWatts === 0 && attempt.capInForce === undefined) {
      continue;
    }
    for (const node of attempt.heldNodes) {
      const highest = site.nodePool[node]?.gpuCap?.highestWatts ?? 0;
      const inForce = attempt.capInForce?.get(node) ?? attempt.capWatts;
      const domain = site.nodeDomain[node] ?? 0;
      if (inForce > 0 && inForce < highest) {
        const saved = attempt.gpusPerNode * (highest - inForce);
        gpuCount[domain] = (gpuCount[domain] ?? 0) + attempt.gpusPerNode;
        savedScaled[domain] =
          (savedScaled[domain] ?? 0) + saved * (site.nodeMultiplier[domain] ?? 0);
      }
    }
  }
  for (let domain = site.parent.length - 1; domain > 0; domain -= 1) {
    const parent = site.parent[domain] ?? 0;
    gpuCount[parent] = (gpuCount[parent] ?? 0) + (gpuCount[domain] ?? 0);
    savedScaled[parent] =
      (savedScaled[parent] ?? 0) +
      (savedScaled[domain] ?? 0) * (site.parentMultiplier[domain] ?? 0);
  }
  return { gpuCount, savedScaled };
}
