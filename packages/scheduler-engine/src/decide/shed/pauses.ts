import { nodesToKeep } from "../../placement/nodes-to-keep.ts";
import type { SettledPlan } from "@ertis/power-planning";
import { instant } from "@ertis/quantities";
import { isStillWanted } from "../../apply/paused-tasks.ts";
import { forcedDomains } from "../../power/forced-domains.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import { openNodes } from "../../power/shedding/shed-jobs.ts";
import { hasStartedSince } from "../../power/shedding/planned-pauses.ts";
import { actsOnBounds } from "../../power/stale-meters.ts";
import { returnsAtMs } from "../../power/shedding/returns-at.ts";
import { known } from "../../state/assert.ts";
import { hasPlannedSoon, type PausedTask, type PlannedPause } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { Deciding } from "../deciding.ts";
import type { DescribedShed } from "./describe-shed.ts";
import { goOnInstead, goOnWith, namedAs, partOf, stopToPause } from "../queue/go-on-with.ts";
import { mayPauseInRamp } from "../ramp/stop-in-ramp.ts";
import { dropForcedPauses, isStaged, ownerOf, ownPauses } from "./plan-pauses.ts";

/** A pause that was planned anew ends when that plan says. */
function isAsPlanned(paused: PausedTask, { curtailment, untilMs }: PlannedPause): boolean {
  return curtailment === paused.curtailment
    ? paused.untilMs === untilMs
    : curtailment === undefined || paused.curtailment === undefined;
}

/** Pauses whose time has come: their tasks write a checkpoint and stop. */
export function startPauses(deciding: Deciding, site: SiteState): void {
  const { state } = deciding;
  const id = site.site.id;
  dropForcedPauses(deciding, site);
  for (const pause of state.curtailments.pauses.get(id) ?? []) {
    const { job: number, task = 0, fromMs, untilMs } = pause;
    const paused = state.curtailments.paused.get(taskIdOf({ job: number, task }));
    // What is due to come back by now would only be let back at once, and so on in a circle.
    const isOver = returnsAtMs(state, pause) <= state.nowMs;
    if (
      fromMs > state.nowMs ||
      isOver ||
      (paused?.isReturning === false && isAsPlanned(paused, pause)) ||
      // Plans outlive a curtailment that is ended early: nothing is paused for it any more.
      !isPausing(state, { site: id, isShrinking: false, ...namedAs(pause.curtailment) })
    ) {
      continue;
    }
    const attempt = state.jobs.get(number)?.active?.get(task);
    if (paused === undefined && hasStartedSince(attempt, pause)) {
      continue;
    }
    if (pause.nodeCount !== undefined) {
      if (paused === undefined) {
        shrinkInTurn(deciding, site, { ...pause, nodeCount: pause.nodeCount }, attempt);
      }
      continue;
    }
    const mayStop = mayBePaused(state, site, attempt);
    // What waits to come back waits longer.
    if (paused !== undefined || mayStop) {
      const until = instant(untilMs);
      const what = { job: number, ...partOf(task), ...namedAs(pause.curtailment), site: id, until };
      deciding.emit({ kind: "job-paused", ...what });
    }
    if (paused === undefined && mayStop && attempt !== undefined) {
      stopToPause(deciding, attempt);
    }
  }
}

/** It runs, and ramps allow its stop, also where bounds hold a target that nobody measures. */
function mayBePaused(
  state: EngineState,
  site: SiteState,
  attempt: Attempt | undefined,
): attempt is Attempt {
  return isUp(attempt) && mayPauseInRamp(state, site, attempt);
}

function isUp(attempt: Attempt | undefined): attempt is Attempt {
  return attempt?.phase === "starting" || attempt?.phase === "running";
}

function shrinkInTurn(
  deciding: Deciding,
  site: SiteState,
  pause: PlannedPause & { readonly nodeCount: number },
  attempt: Attempt | undefined,
): void {
  const { nodeCount, curtailment } = pause;
  if (
    attempt !== undefined &&
    nodeCount < attempt.placement.nodes.length &&
    mayBePaused(deciding.state, site, attempt)
  ) {
    shrink(deciding, site, { attempt, nodeCount, curtailment });
  }
}

/**
 * Gangs that give nodes back: each writes a checkpoint, stops, and goes on from it on those that it keeps,
 * as soon as it has stopped (`startShrunk`). Planned ones wait for their turn with those that pause.
 */
export function startShrinks(
  deciding: Deciding,
  site: SiteState,
  described: DescribedShed,
  { shrinks }: Pick<SettledPlan, "shrinks">,
): void {
  if (isStaged(described)) {
    return;
  }
  for (const { id, nodeCount } of shrinks) {
    const { attempt } = known(described.members[id], "member of a plan");
    // What pauses by now for something else gives its watts that way.
    if (isUp(attempt) && nodeCount < attempt.placement.nodes.length) {
      shrink(deciding, site, { attempt, nodeCount, curtailment: ownerOf(site, described, id) });
    }
  }
}

/**
 * With how many nodes those go on that give some back and do not run again yet, as the plan of now has it. An answer may
 * have come that was only late, or another one be late: the nodes that they still hold are nobody else's.
 */
export function changeShrinks(
  { state, ...deciding }: Deciding,
  site: SiteState,
  { members, group }: DescribedShed,
  { shrinks, pauses }: Pick<SettledPlan, "shrinks" | "pauses">,
): void {
  const counts = new Map(shrinks.map(({ id, nodeCount }) => [id, nodeCount]));
  const out = new Set(pauses.map(({ id }) => id));
  for (const { shed, job, task, attempt } of group.length > 0 ? [] : members) {
    const paused = state.curtailments.paused.get(taskIdOf({ job: job.number, task }));
    const nodes = paused && openNodes({ state, site }, paused);
    if (attempt !== undefined || paused === undefined || nodes === undefined || out.has(shed.id)) {
      continue;
    }
    const nodeCount = counts.get(shed.id) ?? nodes.length;
    if (nodeCount !== paused.nodes.length) {
      const isAsked = isAskedFor(state, site, undefined);
      const kept = nodesToKeep({ nodes, nodeCount, isAsked });
      goOnInstead({ ...deciding, state }, paused, kept);
    }
  }
}

interface Shrink {
  readonly attempt: Attempt;
  readonly nodeCount: number;
  readonly curtailment: string | undefined;
}

function shrink(
  deciding: Deciding,
  site: SiteState,
  { attempt, nodeCount, curtailment }: Shrink,
): void {
  const isAsked = isAskedFor(deciding.state, site, curtailment);
  const nodes = nodesToKeep({ nodes: attempt.placement.nodes, nodeCount, isAsked });
  goOnWith(deciding, site, { attempt, nodes, curtailment });
}

/** Is a node below what it is to shrink for? */
function isAskedFor(
  state: EngineState,
  site: SiteState,
  curtailment: string | undefined,
): (node: number) => boolean {
  const record = state.curtailments.records.get(curtailment ?? "");
  const forced = forcedDomains(state, site);
  return (node) =>
    record === undefined
      ? forced[site.nodeDomain[node] ?? -1] === 1
      : isBelow(site, [node], record.curtailment.domain);
}

/** Paused tasks that the plan does without, or pauses only after its beginning. */
export function backByPlan(
  { state }: Deciding,
  site: SiteState,
  { members, group, problem }: DescribedShed,
  plan: SettledPlan,
): readonly PausedTask[] {
  const isOwn = ownPauses(group);
  const isNow = ({ fromMs }: { readonly fromMs: number }): boolean =>
    fromMs <= (group.length === 0 ? 0 : problem.noticeMs);
  const stays = new Set(plan.pauses.filter(isNow).map((one) => one.id));
  return members.flatMap(({ shed, job, task, attempt }) => {
    const paused = state.curtailments.paused.get(taskIdOf({ job: job.number, task }));
    const isBack =
      attempt === undefined &&
      paused?.site === site.site.id &&
      isOwn(paused) &&
      !stays.has(shed.id);
    return isBack ? [paused] : [];
  });
}

/** Those may come back. */
export function resumeOthers(
  deciding: Deciding,
  site: SiteState,
  described: DescribedShed,
  plan: SettledPlan,
): void {
  for (const { job, task, isReturning } of backByPlan(deciding, site, described, plan)) {
    if (!isReturning) {
      deciding.emit({ kind: "job-resumed", job, ...partOf(task) });
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
    // What is on its way back for another curtailment's watts stays so.
    const isAwaited = paused.isReturning && isStillWanted(state, paused);
    if (isGone || (!isPausing(state, paused) && !isAwaited) || isDue) {
      deciding.emit({ kind: "job-resumed", job: paused.job, ...partOf(paused.task) });
    }
  }
}

/** Is the curtailment on, or near, for which a task pauses? */
function isPausing(
  state: EngineState,
  where: Pick<PausedTask, "site" | "isShrinking" | "curtailment">,
): boolean {
  if (where.curtailment !== undefined) {
    return state.curtailments.records.get(where.curtailment)?.isOver === false;
  }
  return (
    areBoundsAsked(state, where.site) &&
    (isStillWanted(state, where) || hasPlannedSoon(state.curtailments, where.site))
  );
}

/** Does anything at a site ask for bounds? What planned ones ask for that are measured, their own pauses give. */
function areBoundsAsked({ sites, nowMs }: EngineState, id: string): boolean {
  const site = sites.get(id);
  return (
    site !== undefined &&
    (site.lostSupplies.size > 0 || site.curtailments.some((one) => actsOnBounds(site, one, nowMs)))
  );
}
