import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { type Horizon, nodeOff, type SiteState } from "../../state/site-state.ts";
import { KeptWatts } from "../kept-watts.ts";
import { actsOnBounds } from "../stale-meters.ts";
import { isAwaited } from "./awaited.ts";
import { isBelow } from "./effects.ts";
import { areNodesFreeFor, nodesOfReturns } from "./return-nodes.ts";
import { returnWatts } from "./return-watts.ts";

/**
 * A ledger beside the watts of paused tasks that have yet to come back: those of their lowest caps, and of their nodes
 * where these are off. Caps that rose into them would keep them out until somebody ends.
 *
 * @param own the one that comes back now, if one does
 */
export function besideWaiting(
  state: EngineState,
  site: SiteState,
  horizons: readonly Horizon[],
  own?: PausedTask,
): readonly Horizon[] {
  return returningWatts(state, site, waitingTasks(state, site), own).beside(horizons);
}

/**
 * What those of them keep whom planned curtailments have paused. What is asked of such targets is for all together, and they
 * are let back by measurement: by then no cap has risen into what breakers below have for them. Where bounds are kept below a
 * target there, plans say who has the watts meanwhile.
 */
export function plannedReturnWatts(state: EngineState, site: SiteState): KeptWatts {
  const byBounds = site.curtailments.filter((one) => actsOnBounds(site, one, state.nowMs));
  const waiting = waitingTasks(state, site).filter(
    ({ curtailment, nodes }) =>
      curtailment !== undefined && !byBounds.some(({ domain }) => isBelow(site, nodes, domain)),
  );
  return returningWatts(state, site, waiting);
}

function returningWatts(
  state: EngineState,
  site: SiteState,
  waiting: readonly PausedTask[],
  own?: PausedTask,
): KeptWatts {
  const kept = new KeptWatts();
  const found = nodesOfReturns(state, site, waiting);
  // Plans count on who is let back also where its nodes are kept for a promised start (`decide/shed/describe-shed.ts`).
  const nodesOf = (paused: PausedTask): readonly number[] =>
    found.get(paused) ?? (paused.isReturning && areNodesFreeFor(site, paused) ? paused.nodes : []);
  for (const paused of waiting) {
    for (const node of paused === own ? [] : nodesOf(paused)) {
      const isOff = ((site.nodeFlags[node] ?? 0) & nodeOff) !== 0;
      const idleWatts = isOff ? (site.nodeBounds[node]?.[0] ?? 0) : 0;
      const watts = returnWatts(state, site, paused, node) + idleWatts;
      kept.add(site, node, watts);
    }
  }
  return kept;
}

/** Tasks that were paused and have stopped, and would start if they could. What only gets fewer or more nodes waits for itself, unless it pauses after all. */
export function waitingTasks(state: EngineState, site: SiteState): readonly PausedTask[] {
  return site.isInCurtailment
    ? [...state.curtailments.paused.values()].filter(
        (paused) =>
          paused.site === site.site.id &&
          !(paused.isShrinking && paused.isReturning) &&
          state.jobs.get(paused.job)?.active?.has(paused.task) !== true &&
          isAwaited(state, paused),
      )
    : [];
}
