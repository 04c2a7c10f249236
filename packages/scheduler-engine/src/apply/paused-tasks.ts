import { refreshCounts } from "../power/free-counts.ts";
import { isBelow } from "../power/shedding/effects.ts";
import { asksByBounds } from "../power/stale-meters.ts";
import { known } from "../state/assert.ts";
import type { ReturningGpus, SiteState } from "../state/site-state.ts";
import { isAwaited } from "../power/shedding/awaited.ts";
import { pauseOverAfter } from "../power/shedding/count-after.ts";
import { countPause } from "../power/shedding/count-loss.ts";
import { doneByMs } from "../power/shedding/done-by.ts";
import { hasPlannedSoon, type PausedTask } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import { type Attempt, noPausedTasks } from "../state/job.ts";
import { taskIdOf } from "../state/task-id.ts";
import type { AttemptKey } from "../words/attempt.ts";
import type { AttemptExited, AttemptStarted } from "../words/event.ts";
import type { JobNumber } from "../words/job-spec.ts";

/** Brings what a job and its site know of its paused tasks up to date; it has few of them. */
export function holdPausedTasks(state: EngineState, number: JobNumber): void {
  keepReturnNodes(state);
  const job = state.jobs.get(number);
  if (job === undefined) {
    return;
  }
  const paused: number[] = [];
  const returning: number[] = [];
  for (const one of state.curtailments.paused.values()) {
    if (one.job === number) {
      // What shrinks is started where its nodes are kept, by no placement pass.
      (one.isReturning && !one.isShrinking ? returning : paused).push(one.task);
    }
  }
  job.pausedTasks = paused.length === 0 ? noPausedTasks : paused.toSorted((a, b) => a - b);
  job.returningTasks = returning.length === 0 ? noPausedTasks : returning.toSorted((a, b) => a - b);
  state.queue.mayHaveLeft(job);
}

/** Nodes on which what gave nodes back goes on are nobody else's until it does. */
export function keepReturnNodes(state: EngineState): void {
  const { sites, curtailments } = state;
  for (const site of sites.values()) {
    const kept = new Map<number, ReturningGpus>();
    for (const one of curtailments.paused.values()) {
      if (one.isShrinking && one.site === site.site.id && isAwaited(state, one)) {
        const { gpusPerNode, capWatts = 0 } = one;
        const untilMs = doneByMs(state, one);
        one.nodes.forEach((node) => kept.set(node, { gpusPerNode, capWatts, untilMs }));
      }
    }
    const changed = [...kept.keys(), ...site.returnNodes.keys()].filter(
      (node) => kept.has(node) !== site.returnNodes.has(node),
    );
    site.returnNodes.clear();
    kept.forEach((held, node) => site.returnNodes.set(node, held));
    changed.forEach((node) => refreshCounts(site, node));
  }
}

/** Which curtailment an attempt is paused for, empty: lost or cut power; undefined: none, so that a stop has another reason. */
export function pausedFor(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
): string | undefined {
  const paused = state.curtailments.paused.get(taskIdOf(attempt));
  if (paused === undefined) {
    return undefined;
  }
  const { nodes } = attempt.placement;
  const isSupplyLost = [...site.lostSupplies.keys()].some((domain) =>
    isBelow(site, nodes, known(site.site.domains[domain], "domain of a lost supply").id),
  );
  // Bounds ask for all together: beside a lost supply nobody can tell for which of them.
  const asking =
    isSupplyLost || paused.isGrowing === true
      ? undefined
      : site.curtailments.findLast(
          (one) => asksByBounds(site, one, state.nowMs) && isBelow(site, nodes, one.domain),
        );
  return paused.curtailment ?? asking?.id ?? "";
}

/** Is a curtailment of its site on; or, for what gave nodes back, about to begin? What gets them again waits for itself. */
export function isStillWanted(
  state: EngineState,
  { site, isShrinking, isGrowing }: Pick<PausedTask, "site" | "isShrinking" | "isGrowing">,
): boolean {
  return (
    isGrowing === true ||
    state.sites.get(site)?.isInCurtailment === true ||
    (isShrinking && hasPlannedSoon(state.curtailments, site))
  );
}

/** What it had before is no more to be given back where it ends, or starts anew for another reason than to come back from a pause. */
export function forgetUnlessPaused(
  { curtailments: { shrunk } }: EngineState,
  attempt: Attempt,
  next: AttemptExited["next"],
): void {
  if (attempt.pausedFor === undefined || next === "finish") {
    shrunk.delete(taskIdOf(attempt));
  }
}

/** It has as many nodes again as before the first pause; on fewer, of whatever pause it comes back, it still gets them. */
export function forgetIfWhole(
  { curtailments: { shrunk } }: EngineState,
  { attempt, placement: { nodes } }: Pick<AttemptStarted, "attempt" | "placement">,
): void {
  const id = taskIdOf(attempt);
  if (nodes.length >= (shrunk.get(id)?.nodeCount ?? 0)) {
    shrunk.delete(id);
  }
}

/** Nothing of the job comes back any more. */
export function forgetJob({ curtailments: { shrunk } }: EngineState, number: JobNumber): void {
  for (const [id, { job }] of shrunk) {
    if (job === number) {
      shrunk.delete(id);
    }
  }
}

/** The task runs again, and reads its checkpoint back first; or it will not any more. */
export function pauseOver(
  state: EngineState,
  key: Pick<AttemptKey, "job" | "task">,
  restoreMs: number = 0,
): void {
  const id = taskIdOf(key);
  const paused = state.curtailments.paused.get(id);
  if (paused === undefined) {
    return;
  }
  pauseOverAfter(state, id);
  state.curtailments.paused.delete(id);
  holdPausedTasks(state, key.job);
  // Others may have the watts that were kept for it.
  state.releaseCount += 1;
  const site = state.sites.get(paused.site);
  if (site !== undefined) {
    countPause(state, site, paused, restoreMs);
  }
}
