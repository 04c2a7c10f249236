import { leaveTogether } from "../../power/leave-together.ts";
import { visitAbove } from "../../state/columns.ts";
import { known } from "../../state/assert.ts";
import { type Attempt, priorityOf } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";
import { addOrderedCaps, comingLoad, type OverRule } from "./needs-shed.ts";
import { stopBelievedUntilMs } from "./believed-stops.ts";

/**
 * The last resort, when neither caps nor pauses hold what must not be exceeded: attempts are stopped,
 * lowest class and latest start first, those of tier 0 after all others, until what is left fits. Who shares a node that
 * counts its peak until all have left goes with the last of those on it: alone he would free nothing. They run again later.
 */
export function stopUntilItFits(
  deciding: Deciding,
  site: SiteState,
  { ceiling, answerMs }: OverRule,
): void {
  const { state, emit } = deciding;
  const { load, leaving } = comingLoad(state, site, { isWaitingForStops: true, answerMs });
  for (const attempt of site.attempts) {
    if (attempt.phase === "stopping" && state.nowMs >= stopBelievedUntilMs(state, attempt)) {
      leaving.add(attempt, load, -1);
    }
  }
  const rank = (attempt: Attempt): readonly number[] => {
    const job = known(state.jobs.get(attempt.job), "job of an attempt");
    const isProtected = job.spec.flexibilityTier === 0 ? 1 : 0;
    return [isProtected, priorityOf(job), -attempt.startedAtMs, -attempt.job, -attempt.task];
  };
  const order = [...site.attempts]
    .filter(({ phase }) => phase === "starting" || phase === "running")
    .map((attempt) => ({ attempt, rank: rank(attempt) }))
    .toSorted((a, b) => compare(a.rank, b.rank))
    .map(({ attempt }) => attempt);
  for (const attempt of leaveTogether(site, order).flat()) {
    if (isBelowOver(site, attempt, load, ceiling)) {
      const { job, task, attempt: count } = attempt;
      emit({
        kind: "stop-requested",
        attempt: { job, task, attempt: count },
        reason: "preemption",
      });
      leaving.add(attempt, load, -1);
      // What it would have freed by its cap it frees as a whole.
      addOrderedCaps(state, site, attempt, { load, factor: 1, answerMs });
    }
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((one, index) => one !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function isBelowOver(
  site: SiteState,
  attempt: Attempt,
  load: Float64Array,
  ceiling: Float64Array,
): boolean {
  return attempt.heldNodes.some((node) => {
    let isOver = false;
    visitAbove(site, node, 0, (at) => {
      isOver ||= (load[at] ?? 0) > (ceiling[at] ?? 0);
    });
    return isOver;
  });
}
