import { instant, milliseconds } from "@ertis/quantities";
import { poolsOf } from "../placement/capacity.ts";
import { canHoldOn, findNodes, type Wanted } from "../placement/search.ts";
import { nextWorkMs, placementOn, wantedUntil } from "../placement/wanted.ts";
import { curveOf, speedUnder } from "../power/curves.ts";
import { endAt } from "../power/work.ts";
import { known } from "../state/assert.ts";
import { isEligible, nextAttemptNumber } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { firstTask } from "../state/task-ranges.ts";
import type { JobNumber } from "../words/job-spec.ts";
import type { Deciding } from "./deciding.ts";

/**
 * Starts a job that was paused for a planned curtailment, with the watts that the steering has granted
 * it. Bounds may exceed such a target, so it is not asked for it, but for all that bounds must not exceed.
 */
export function startReturning(
  deciding: Deciding,
  site: SiteState,
  number: JobNumber,
  grantedCapWatts: number,
): void {
  const { state } = deciding;
  const job = state.jobs.get(number);
  const paused = state.curtailments.paused.get(number);
  const pool = job && poolsOf(state, job).find((one) => one.site === site);
  if (job === undefined || paused === undefined || pool === undefined || !isEligible(job)) {
    return;
  }
  const highest = pool.gpuCap?.highestWatts ?? 0;
  const capWatts = grantedCapWatts >= highest ? 0 : Math.floor(grantedCapWatts);
  const workMs = nextWorkMs(job);
  const curve = curveOf(pool, job.spec.workloadClass);
  const endsByMs = endAt(state.nowMs, workMs, speedUnder(curve, capWatts));
  const now = known(site.horizons[0], "the horizon of now");
  const wanted: Wanted = {
    ...wantedUntil(pool, job, endsByMs),
    capWatts,
    ledger: [{ ...now, ceiling: site.hardCeiling }, ...site.horizons.slice(1)],
  };
  const isWhole = paused.nodes.length === wanted.nodeCount;
  const nodes = isWhole && canHoldOn(wanted, paused.nodes) ? [...paused.nodes] : findNodes(wanted);
  if (nodes === undefined) {
    return;
  }
  const task = known(firstTask(job.pending), "pending task of an eligible job");
  deciding.emit({
    kind: "attempt-started",
    attempt: { job: number, task, attempt: nextAttemptNumber(job, task) },
    placement: placementOn(wanted, nodes),
    endsBy: instant(endsByMs),
    ...(workMs === endsByMs - state.nowMs ? {} : { work: milliseconds(workMs) }),
  });
}
