import { type ChosenPlan, choosePlan, type PlanDoesNotFit, keepPlan } from "./choose-plan.ts";
import { manyJobs } from "./many-jobs.ts";
import { narrowProblem } from "./narrow-problem.ts";
import { plannedDraft } from "./planned-pauses.ts";
import { type IdleNodesSplit, isWorthSleep, powerOffIdle } from "./power-off-idle.ts";
import { refuse } from "./refuse.ts";
import type { SettledPlan, ShedPlan, ShedProblem, ShedResult } from "./shed-problem.ts";
import { type Bridged, untilSettled } from "./until-settled.ts";
import { withFloorsKept } from "./with-floors-kept.ts";
import { withCapsUntil, writePlan } from "./write-plan.ts";

/**
 * The shed decision: whom a curtailment asks for what. The rungs, in their order (0, stop starting jobs,
 * is the caller's):
 *
 * 1. idle nodes go off               `power-off-idle.ts`
 * 2. caps fall to the knee           `fit-domain.ts` finds the price at which the next watt is dearer than
 * 3. malleable jobs shrink           `shrink-malleable.ts`      giving back nodes or pausing
 * 4. jobs pause in turn              `pause-jobs.ts`
 *
 * Rungs 2 to 4 are climbed several times over, and `settle-caps.ts` tells what each choice is worth: it raises caps
 * again until the whole room is used. `choose-plan.ts` keeps the choice that leaves most weighted speed:
 *
 * a. the best cut                    for every set of jobs to spare and every number of slots that the event is cut into
 * b. of few jobs that may pause,     `improve-pauses.ts`
 *    other stretches of pauses
 * c. of few gangs that may shrink,   `improve-shrinks.ts`
 *    other numbers of nodes
 * d. without pauses that it need     `relieve-pauses.ts`
 *    not make
 *
 * 5. until checkpoints are written,  `until-settled.ts`
 *    caps at their floors hold the target; where a tier bears no more of that, all is chosen once more
 *    with it counted as lost (`planCountingBridgeLoss`)
 *
 * What cannot be done without breaking a floor is refused, with the smallest room that would do (`refuse.ts`).
 */
export function planShed(problem: ShedProblem): ShedResult {
  const tried = tryShed(problem);
  return tried.kind === "plan" ? tried : refuse(narrowProblem(problem), tried.domain);
}

/** A plan, or the domain that has too little room. */
export type TriedPlan<Plan extends SettledPlan> =
  | { readonly kind: "plan"; readonly plan: Plan }
  | PlanDoesNotFit;

/** Like `planShed`, but a refusal names only the domain: much cheaper, for callers that try one room after another. */
export function tryShed(problem: ShedProblem): TriedPlan<ShedPlan> {
  return keepingFloorsFirst(problem, tryAsAsked);
}

/**
 * A floor that may be given up is kept where the target holds with it and nobody more has to stop for that: it costs
 * nobody a pause who could do without.
 */
function keepingFloorsFirst<Plan extends SettledPlan>(
  problem: ShedProblem,
  planOf: (problem: ShedProblem) => TriedPlan<Plan>,
): TriedPlan<Plan> {
  const asked = planOf(problem);
  const withAll = withFloorsKept(problem);
  const kept = withAll && planOf(withAll);
  if (kept?.kind !== "plan") {
    return asked;
  }
  return asked.kind === "plan" && stopsOf(asked.plan) < stopsOf(kept.plan) ? asked : kept;
}

function stopsOf({ pauses, shrinks }: SettledPlan): number {
  return pauses.length + shrinks.length;
}

function tryAsAsked(problem: ShedProblem): TriedPlan<ShedPlan> {
  const tight = narrowProblem(problem);
  const { idle, chosen } = choose(tight);
  if (chosen.kind !== "chosen") {
    return chosen;
  }
  const first = written(problem, tight, idle, chosen);
  const other =
    first.brokenMs && !isUnderWay(tight)
      ? (planCountingBridgeLoss(problem, tight, first.brokenMs) ??
        planWithNodesOff(problem, tight, idle))
      : undefined;
  return { kind: "plan", plan: (other ?? first).plan };
}

/** Pauses that another plan would move. */
function isUnderWay({ jobs }: ShedProblem): boolean {
  return jobs.some((job) => job.isPausedNow || job.pausePlanned !== undefined);
}

/**
 * Nodes that are not worth waking stay on where floors hold; where jobs lose too much by that until checkpoints are
 * written, they go off after all. Undefined: that is no better, or it is done.
 */
function planWithNodesOff(
  problem: ShedProblem,
  tight: ShedProblem,
  { off }: IdleNodesSplit,
): WrittenPlan | undefined {
  const idle = off.length === 0 && !isWorthSleep(tight) ? powerOffIdle(tight) : undefined;
  if (idle === undefined || idle.off.length === 0) {
    return undefined;
  }
  const chosen = choosePlan(tight, idle.on);
  const plan = chosen.kind === "chosen" ? written(problem, tight, idle, chosen) : undefined;
  return plan?.brokenMs === undefined ? plan : undefined;
}

/**
 * Another plan that asks less of jobs later for what they lose until nodes are off and checkpoints are written;
 * undefined: that is no better, or jobs are too many for two plans.
 */
function planCountingBridgeLoss(
  problem: ShedProblem,
  tight: ShedProblem,
  lostMs: readonly number[],
): WrittenPlan | undefined {
  if (tight.jobs.length > manyJobs) {
    return undefined;
  }
  const jobs = tight.jobs.map((job, at) => ({
    ...job,
    lossMsSoFar: job.lossMsSoFar + (lostMs[at] ?? 0),
  }));
  const { idle, chosen } = choose({ ...tight, jobs });
  const plan = chosen.kind === "chosen" ? written(problem, tight, idle, chosen) : undefined;
  return plan?.brokenMs === undefined ? plan : undefined;
}

/** Like `tryShed`, without caps for the time until checkpoints are written: for callers that take only nodes and pauses of a plan. */
export function trySettled(problem: ShedProblem): TriedPlan<SettledPlan> {
  return keepingFloorsFirst(problem, settleAsAsked);
}

function settleAsAsked(problem: ShedProblem): TriedPlan<SettledPlan> {
  const { idle, chosen } = choose(narrowProblem(problem));
  return chosen.kind === "chosen"
    ? { kind: "plan", plan: writePlan(problem, { idle, ...chosen }) }
    : chosen;
}

/** The plan that is carried out already. */
export interface KeptPlan {
  readonly plan: ShedPlan;
  /** Its pauses are those that were planned. */
  readonly isSame: boolean;
  /** A job pauses for longer than its tier bears: planned so while there was no other way, and not to stay so. */
  readonly isTooLong: boolean;
}

/**
 * The pauses that are planned already (`pausePlanned`), with caps and nodes for what there is now.
 * Undefined: floors would be broken by more than the slack.
 */
export function keptPlan(problem: ShedProblem, slackMs: number): KeptPlan | undefined {
  const tight = narrowProblem(problem);
  const keep = (withinMs: number): Choice =>
    choose(tight, (jobs, idleOn) => keepPlan(jobs, idleOn, withinMs));
  const exact = keep(0);
  // What orders are late by is no room for lower caps.
  const { idle, chosen } = exact.chosen.kind === "chosen" ? exact : keep(slackMs);
  if (chosen.kind !== "chosen") {
    return undefined;
  }
  const planned = plannedDraft(tight).pausedCount;
  const isSame = planned.every((count, index) => count === chosen.draft.pausedCount[index]);
  const { plan } = written(problem, tight, idle, chosen);
  const isTooLong = plan.losses.some(({ lossAverage }, index) => {
    const lossMsMax = (problem.jobs[index]?.tierLossMax ?? 1) * problem.eventMs + slackMs;
    const isPaused = (chosen.draft.pausedCount[index] ?? 0) > 0;
    return isPaused && lossAverage * problem.eventMs > lossMsMax;
  });
  return { plan, isSame, isTooLong };
}

interface WrittenPlan extends Pick<Bridged, "brokenMs"> {
  readonly plan: ShedPlan;
}

function written(
  problem: ShedProblem,
  tight: ShedProblem,
  idle: IdleNodesSplit,
  { draft, settled }: ChosenPlan,
): WrittenPlan {
  const until = untilSettled(tight, { draft, settled, hasNodesToStop: idle.off.length > 0 });
  const plan = withCapsUntil(problem, writePlan(problem, { idle, draft, settled }), until);
  return { plan, brokenMs: until.brokenMs };
}

interface Choice {
  readonly idle: IdleNodesSplit;
  readonly chosen: ChosenPlan | PlanDoesNotFit;
}

function choose(problem: ShedProblem, plan: typeof choosePlan = choosePlan): Choice {
  if (!isWorthSleep(problem)) {
    const idle = { off: [], on: problem.idleNodes };
    const chosen = plan(problem, idle.on);
    if (chosen.kind === "chosen") {
      return { idle, chosen };
    }
  }
  const idle = powerOffIdle(problem);
  return { idle, chosen: plan(problem, idle.on) };
}
