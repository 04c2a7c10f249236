import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import { mayStartThere } from "../state/curtailments.ts";
import type { Pool, Reservation, SiteState } from "../state/site-state.ts";
import { bends, findBentStart } from "./bend.ts";
import { poolsOf } from "./capacity.ts";
import { canHoldOn, findNodes } from "./search.ts";
import { nextWorkMs, placementOn, type Start, wantedIn } from "./wanted.ts";

/**
 * Where a job would go if it started now, or undefined: whole and at full power, else as far as it
 * bends. Also the dry run behind `plan`.
 */
export function findStart(
  state: EngineState,
  job: Job,
  kept: Reservation | undefined,
): Start | undefined {
  for (const pool of answeringPools(state, job)) {
    const wanted = wantedIn(pool, job, state.nowMs);
    const nodes =
      findNodes(wanted) ??
      (kept?.pool === pool && canHoldOn(wanted, kept.nodes) ? [...kept.nodes] : undefined);
    if (nodes !== undefined) {
      const workMs = nextWorkMs(job);
      return { placement: placementOn(wanted, nodes), workMs, endsByMs: state.nowMs + workMs };
    }
  }
  return bends(job.spec) || (kept?.capWatts ?? 0) !== 0
    ? findBentStart({ state, job, kept, pools: answeringPools(state, job) })
    : undefined;
}

/** The pools of a job whose clusters answer: elsewhere nothing can be started. */
export function answeringPools(state: EngineState, job: Job): readonly Pool[] {
  const pools = poolsOf(state, job);
  return pools.every(({ site }) => takesStarts(state, site, job))
    ? pools
    : pools.filter(({ site }) => takesStarts(state, site, job));
}

/** Its cluster answers, and no job that was paused for a curtailment waits there for its watts. */
function takesStarts(state: EngineState, site: SiteState, job: Job): boolean {
  return (
    site.awaySinceMs === undefined &&
    (!site.isInCurtailment || mayStartThere(state.curtailments, job.number, site.site.id))
  );
}

/** What is kept for a job, if it heads the queue of a pool. */
export function reservationOf(state: EngineState, job: Job): Reservation | undefined {
  for (const pool of poolsOf(state, job)) {
    if (pool.reservation?.job === job.number) {
      return pool.reservation;
    }
  }
  return undefined;
}
