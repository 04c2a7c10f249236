import { smallestGrowthWatts, type Wanted } from "../placement/search.ts";
import { speedUnder } from "../power/curves.ts";
import { weightOf } from "../power/fill-jobs.ts";
import { gangLoad } from "../power/gang-load.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { capNow, takesCaps } from "./cap-orders.ts";

/** Up to so many attempts all are looked at. */
const allLookedAtMax = 64;
/** Of more, so many at most. */
const squeezedMax = 512;
/** Those that give least for a watt are left out once the others free so many times what is missing. */
const freedTimes = 1.5;

interface Candidate {
  readonly attempt: Attempt;
  /** Weighted speed that a GPU loses for a watt on the way to its floor. */
  readonly lossPerWatt: number;
  /** What it frees at the feed, scaled. */
  readonly freedScaled: number;
}

/**
 * Whom a squeeze looks at: attempts that can be lowered, those that lose least for a watt first, until
 * they free more than enough at the feed; at most so many that a pass stays short. In order of their jobs.
 */
export function cheapestToLower(
  state: EngineState,
  site: SiteState,
  wanted: Wanted,
): readonly Attempt[] {
  const found: Candidate[] = [];
  for (const attempt of site.attempts) {
    const candidate = candidateOf(state, site, attempt);
    if (candidate !== undefined) {
      found.push(candidate);
    }
  }
  return (found.length <= allLookedAtMax ? found : enoughOf(site, found, wanted))
    .map(({ attempt }) => attempt)
    .toSorted(inOrder);
}

/** Who has not acknowledged the last order may never do so. */
function candidateOf(state: EngineState, site: SiteState, attempt: Attempt): Candidate | undefined {
  const { curve, floorCapWatts } = attempt;
  const cap = capNow(site, attempt);
  if (
    curve === undefined ||
    floorCapWatts === 0 ||
    floorCapWatts >= cap ||
    attempt.capInForce !== undefined ||
    !takesCaps(attempt)
  ) {
    return undefined;
  }
  const loss = speedUnder(curve, attempt.capWatts) - speedUnder(curve, floorCapWatts);
  const weight = weightOf(known(state.jobs.get(attempt.job), "job of an attempt"), 1);
  const { domains, scaledPerGpuWatt } = gangLoad(site, attempt.heldNodes, attempt.gpusPerNode);
  return {
    attempt,
    lossPerWatt: (weight * loss) / (cap - floorCapWatts),
    freedScaled: (scaledPerGpuWatt[domains.indexOf(0)] ?? 0) * (cap - floorCapWatts),
  };
}

function enoughOf(
  site: SiteState,
  found: readonly Candidate[],
  wanted: Wanted,
): readonly Candidate[] {
  const sorted = found.toSorted(
    (a, b) => a.lossPerWatt - b.lossPerWatt || inOrder(a.attempt, b.attempt),
  );
  const now = known(site.horizons[0], "the horizon of now");
  const perWatt = (site.scaledPerWattMin[0] ?? 0) * wanted.nodeCount;
  const neededScaled = smallestGrowthWatts({ ...wanted, capWatts: 0 }) * perWatt;
  let missing = freedTimes * (neededScaled + (now.load[0] ?? 0) - (now.ceiling[0] ?? 0));
  let count = 0;
  while (count < squeezedMax && count < sorted.length && (missing > 0 || count < allLookedAtMax)) {
    missing -= sorted[count]?.freedScaled ?? 0;
    count += 1;
  }
  return sorted.slice(0, count);
}

function inOrder(a: Attempt, b: Attempt): number {
  return a.job - b.job || a.task - b.task;
}
