import { toNumber } from "@ertis/quantities";
import { cutWatts } from "../../state/caps.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import { lowAttempts } from "../../state/low-attempts.ts";
import type { Horizon, SiteState } from "../../state/site-state.ts";
import { holdsUntilMs } from "../attempt-ends.ts";
import { steeredDomains } from "../felt-domains.ts";
import { KeptWatts } from "../kept-watts.ts";
import { asksByBounds } from "../stale-meters.ts";
import { isBelowAny, runningRecords } from "./effects.ts";
import { floorsKept, givingUp, isGivenUp } from "./given-up.ts";

/**
 * A ledger beside the watts that jobs need to be back at their floors where bounds are kept below a target: others make
 * room for them (`decide/shed/needs-shed.ts`). Caps that rose into it would fall for them again, and so in a circle; and
 * who started with them, now or in a window to come, would keep them.
 */
export function besideLow(
  state: EngineState,
  site: SiteState,
  horizons: readonly Horizon[],
): readonly Horizon[] {
  return site.lowAttempts.size === 0
    ? horizons
    : besideGivenUp(state, site, lackingWatts(state, site).beside(horizons));
}

/**
 * Who runs below a floor that a curtailment gives up is raised to it when that is over, past whoever is promised a start:
 * in windows from then on nobody else has these watts.
 */
function besideGivenUp(
  state: EngineState,
  site: SiteState,
  horizons: readonly Horizon[],
): readonly Horizon[] {
  const giving = givingUp(runningRecords(state, site.site.id));
  const low = giving.length === 0 ? [] : lowAttempts(site);
  const back = low.flatMap((attempt) => {
    const spec = state.jobs.get(attempt.job)?.spec;
    const { nodes } = attempt.placement;
    const own = giving.filter(
      (one) => spec !== undefined && isGivenUp(site, [one], { spec, nodes }),
    );
    const fromMs = Math.max(...own.map(({ curtailment }) => toNumber(curtailment.end)));
    return own.length === 0 ? [] : [{ attempt, fromMs, untilMs: holdsUntilMs(attempt) }];
  });
  return back.length === 0
    ? horizons
    : horizons.map((horizon) => {
        const kept = new KeptWatts();
        for (const { attempt, fromMs, untilMs } of back) {
          // In a curtailment to come all count at their floors already.
          const isLow = (node: number): boolean =>
            horizon.isCurtailed?.[site.nodeDomain[node] ?? 0] !== 1;
          if (fromMs <= horizon.atMs && horizon.atMs < untilMs) {
            keepLacking(site, kept, attempt, attempt.heldNodes.filter(isLow));
          }
        }
        return kept.besideOne(horizon);
      });
}

function lackingWatts(state: EngineState, site: SiteState): KeptWatts {
  const kept = new KeptWatts();
  if (!site.curtailments.some((one) => asksByBounds(site, one, state.nowMs))) {
    return kept;
  }
  const steered = steeredDomains(site, state.nowMs);
  const isFloorKept = floorsKept(state, site);
  for (const attempt of lowAttempts(site)) {
    const { heldNodes } = attempt;
    const isMeant = isBelowAny(site, heldNodes, steered) && isFloorKept(attempt);
    keepLacking(site, kept, attempt, isMeant ? heldNodes : []);
  }
  return kept;
}

/** What it lacks on these nodes to be at its floor. */
function keepLacking(
  site: SiteState,
  kept: KeptWatts,
  { gpusPerNode, capWatts, floorCapWatts }: Attempt,
  nodes: readonly number[],
): void {
  for (const node of nodes) {
    const watts =
      cutWatts(site, node, gpusPerNode, capWatts) -
      cutWatts(site, node, gpusPerNode, floorCapWatts);
    kept.add(site, node, watts);
  }
}
