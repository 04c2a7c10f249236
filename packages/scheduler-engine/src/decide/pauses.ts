import type { ShedPlan } from "@ertis/power-planning";
import { instant, toNumber } from "@ertis/quantities";
import { isStillWanted } from "../apply/paused-tasks.ts";
import { known } from "../state/assert.ts";
import { hasPlannedSoon, type PausedTask, type PlannedPause } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { taskIdOf } from "../state/task-id.ts";
import type { Deciding } from "./deciding.ts";
import type { DescribedShed } from "./describe-shed.ts";

/** Keeps the pauses to come; those of now follow at once. */
export function planPauses(
  deciding: Deciding,
  site: SiteState,
  { members }: DescribedShed,
  plan: ShedPlan,
): void {
  const { state } = deciding;
  const pauses: PlannedPause[] = plan.pauses
    .map(({ id, fromMs, untilMs }) => {
      const { job, task } = known(members[id], "member of a plan");
      return {
        job: job.number,
        ...partOf(task),
        fromMs: state.nowMs + Math.max(0, fromMs),
        untilMs: state.nowMs + untilMs,
      };
    })
    .toSorted((a, b) => a.fromMs - b.fromMs || a.job - b.job || (a.task ?? 0) - (b.task ?? 0));
  const before = state.curtailments.pauses.get(site.site.id) ?? [];
  if (pauses.length > 0 || before.length > 0) {
    deciding.emit({ kind: "pauses-planned", site: site.site.id, pauses });
  }
}

/** Only arrays name their tasks. */
function partOf(task: number): { readonly task?: number } {
  return task === 0 ? {} : { task };
}

/** Pauses whose time has come: their tasks write a checkpoint and stop. */
export function startPauses(deciding: Deciding, site: SiteState): void {
  const { state } = deciding;
  const id = site.site.id;
  // Plans outlive a curtailment that is ended early: nothing is paused for it any more.
  if (!isPausing(state, { site: id, isShrinking: false })) {
    return;
  }
  for (const pause of state.curtailments.pauses.get(id) ?? []) {
    const { job: number, task = 0, fromMs, untilMs } = pause;
    const paused = state.curtailments.paused.get(taskIdOf({ job: number, task }));
    // What is due to come back by now would only be let back at once, and so on in a circle.
    const isOver = returnsAtMs(state, pause) <= state.nowMs;
    if (fromMs > state.nowMs || isOver || paused?.isReturning === false) {
      continue;
    }
    const attempt = state.jobs.get(number)?.active?.get(task);
    const mayStop = attempt?.phase === "starting" || attempt?.phase === "running";
    // What waits to come back waits longer.
    if (paused !== undefined || mayStop) {
      const until = instant(untilMs);
      deciding.emit({ kind: "job-paused", job: number, ...partOf(task), site: id, until });
    }
    if (paused === undefined && attempt !== undefined && mayStop) {
      stop(deciding, attempt);
    }
  }
}

function stop({ emit }: Deciding, { job, task, attempt }: Attempt): void {
  emit({ kind: "stop-requested", attempt: { job, task, attempt }, reason: "preemption" });
}

/**
 * Gangs that give nodes back: each writes a checkpoint, stops, and goes on from it on the first of its
 * nodes, as soon as it has stopped (`startShrunk`).
 */
export function startShrinks(
  deciding: Deciding,
  site: SiteState,
  { members }: DescribedShed,
  plan: ShedPlan,
): void {
  const { state, emit } = deciding;
  for (const { id, nodeCount } of plan.shrinks) {
    const { attempt } = known(members[id], "member of a plan");
    const nodes = attempt?.placement.nodes ?? [];
    if (attempt !== undefined && nodeCount < nodes.length) {
      const { job, task } = attempt;
      emit({
        kind: "job-paused",
        job,
        ...partOf(task),
        site: site.site.id,
        until: instant(state.nowMs),
        nodes: nodes.slice(0, nodeCount),
      });
      stop(deciding, attempt);
      emit({ kind: "job-resumed", job, ...partOf(task) });
    }
  }
}

/** A paused task that the plan does without may come back. */
export function resumeOthers(
  deciding: Deciding,
  site: SiteState,
  { members }: DescribedShed,
  plan: ShedPlan,
): void {
  const stays = new Set(plan.pauses.map((one) => one.id));
  for (const { shed, job, task, attempt } of members) {
    const key = { job: job.number, task };
    const paused = deciding.state.curtailments.paused.get(taskIdOf(key));
    if (
      attempt === undefined &&
      paused?.isReturning === false &&
      paused.site === site.site.id &&
      !stays.has(shed.id)
    ) {
      deciding.emit({ kind: "job-resumed", job: job.number, ...partOf(task) });
    }
  }
}

/** Paused tasks whose time is over go back to the queue early enough to take up their work in time. */
export function resumeDue(deciding: Deciding): void {
  const { state } = deciding;
  for (const paused of state.curtailments.paused.values()) {
    const job = state.jobs.get(paused.job);
    const isGone = job === undefined || job.finishedAtMs !== undefined;
    const isDue = !paused.isReturning && state.nowMs >= returnsAtMs(state, paused);
    if (isGone || !isPausing(state, paused) || isDue) {
      deciding.emit({ kind: "job-resumed", job: paused.job, ...partOf(paused.task) });
    }
  }
}

/** Early enough to read its checkpoint back by the end of the pause. */
export function returnsAtMs(
  state: EngineState,
  { job, untilMs }: Pick<PlannedPause, "job" | "untilMs">,
): number {
  const checkpoint = state.jobs.get(job)?.spec.checkpoint;
  return untilMs - (checkpoint === undefined ? 0 : toNumber(checkpoint.restore));
}

/** Is a curtailment on, or one near, for which tasks pause? */
function isPausing(state: EngineState, where: Pick<PausedTask, "site" | "isShrinking">): boolean {
  return isStillWanted(state, where) || hasPlannedSoon(state.curtailments, where.site);
}
