import { smallestGrowthWatts, type Wanted } from "../../placement/room.ts";
import { compareAttempts, type Ranked, ranksOf } from "../../power/attempt-ranks.ts";
import { rankedCurve } from "../../power/shedding/lent-curves.ts";
import { speedUnder } from "../../power/shedding/curves.ts";
import { isBelowAny } from "../../power/shedding/effects.ts";
import { feltDomains } from "../../power/felt-domains.ts";
import { turnoverWeightOf } from "../../power/shedding/fill-jobs.ts";
import { feedPerGpuWatt } from "../../power/gang-load.ts";
import { holdsUntilMs } from "../../power/attempt-ends.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { capNow, takesCaps } from "./cap-orders.ts";

/** Up to so many attempts all are looked at. */
const allLookedAtMax = 64;
/** Of more, so many at most. */
const squeezedMax = 512;
/** Those that give least for a watt are left out once the others free so many times what is missing. */
const freedTimes = 1.5;

/**
 * Whom a squeeze looks at: attempts that can be lowered, those that lose least for a watt first, until
 * they free more than enough at the feed; at most so many that a pass stays short. In order of their jobs.
 */
export function cheapestToLower(
  state: EngineState,
  site: SiteState,
  wanted: Wanted,
): readonly Attempt[] {
  const now = known(site.horizons[0], "the horizon of now");
  const perWatt = (site.scaledPerWattMin[0] ?? 0) * wanted.nodeCount;
  const neededScaled = smallestGrowthWatts({ ...wanted, capWatts: 0 }) * perWatt;
  let missing = freedTimes * (neededScaled + (now.load[0] ?? 0) - (now.ceiling[0] ?? 0));
  const chosen: Attempt[] = [];
  const curtailed = feltDomains(site, state.nowMs);
  const ranked = ranksOf(site).toLower.inOrder(site, (one) => rankToLower(state, site, one));
  for (const { attempt, feedScaled } of ranked) {
    if (chosen.length >= squeezedMax || (missing <= 0 && chosen.length >= allLookedAtMax)) {
      break;
    }
    if (takesCaps(attempt) && !isBelowAny(site, attempt.heldNodes, curtailed)) {
      chosen.push(attempt);
      missing -= feedScaled * (capNow(site, attempt) - attempt.floorCapWatts);
    }
  }
  return chosen.toSorted(compareAttempts);
}

/** By the weighted speed that a GPU loses for a watt on the way to its floor. */
function rankToLower(state: EngineState, site: SiteState, attempt: Attempt): Ranked | undefined {
  const { floorCapWatts } = attempt;
  const curve = rankedCurve(attempt);
  const cap = capNow(site, attempt);
  if (
    curve === undefined ||
    floorCapWatts === 0 ||
    floorCapWatts >= cap ||
    // Who has not acknowledged the last order may never do so.
    attempt.capInForce !== undefined ||
    !takesCaps(attempt)
  ) {
    return undefined;
  }
  const loss = speedUnder(curve, attempt.capWatts) - speedUnder(curve, floorCapWatts);
  const weight = turnoverWeightOf(known(state.jobs.get(attempt.job), "job of an attempt"), 1);
  const feedScaled = feedPerGpuWatt(site, attempt);
  const key = (weight * loss) / (cap - floorCapWatts);
  return { attempt, key, feedScaled, untilMs: holdsUntilMs(attempt) };
}
