import {
  floorsScaled,
  keptPlan,
  roomForFloors,
  type SettledPlan,
  type ShedJob,
  type ShedPlan,
  type ShedProblem,
  type TriedPlan,
  tryShed,
} from "@ertis/power-planning";

/** So many domains that no budget fills may be too full for their floors at once; more are left as they are. */
const domainsTriedMax = 8;

/** So much more weighted speed is worth to change who is paused when. */
const gainPartMin = 0.02;
/** By so little, and this part of the event, an earlier plan may break floors: orders are carried out a little later. */
const slackMs = 15_000;
const slackPart = 0.005;

export interface PlanRule {
  /** A limit or an emergency is exceeded: caps fall below the floors of the flexible tiers. */
  readonly isForced: boolean;
  /** Also when all stops are done and all answers there that may only be late: more programs stop, whatever their tiers bear. */
  readonly areTiersGivenUp: boolean;
  /** Also when all that was told to stop, or to switch off, is gone. */
  readonly isMissing: boolean;
  /** By domain, 1 where a budget alone binds: there all go to their floors at most, and nobody pauses. */
  readonly areBudgets: Uint8Array;
}

export interface PlanWithBudgets {
  readonly plan: ShedPlan;
  /** Who pauses when is as it was planned before. */
  readonly isSame: boolean;
}

/**
 * What is planned already stays while it holds: who pauses is chosen anew only where more is missing than
 * those that leave will free, and where floors would be broken, also by a pause for which there was no other way
 * before; and changed only for a real gain. Every floor is kept where that is possible; where it is not, who is paused is
 * back before others get more than their floors. Undefined: nothing helps.
 */
export function planWithBudgets(problem: ShedProblem, rule: PlanRule): PlanWithBudgets | undefined {
  const roomScaled = withFloorsOfBudgets(problem, rule);
  const isBridgedByFloors = !rule.isForced && rule.areBudgets.includes(1);
  const wide = { ...problem, roomScaled, isBridgedByFloors };
  const isPlanned = problem.jobs.some((job) => job.pausePlanned !== undefined);
  const kept =
    isPlanned || !rule.isMissing
      ? keptPlan(wide, slackMs + slackPart * problem.eventMs)
      : undefined;
  if (kept?.isTooLong === false && !rule.isMissing) {
    return kept;
  }
  const first = tryShed(wide);
  const chosen = first.kind !== "plan" && isPlanned ? tryShed(withoutPauses(wide)) : first;
  if (chosen.kind !== "plan") {
    const isAnyOut = kept === undefined ? wide.jobs.some(mustReturn) : kept.isTooLong;
    // What is planned does not hold: a plan that went by it would be another one once that is planned, and so in a circle.
    const anew = withoutPauses(wide);
    const back = isAnyOut ? tryShed(withPausedBack(anew)) : undefined;
    return back?.kind === "plan"
      ? { plan: back.plan, isSame: false }
      : (kept ?? withoutFloors(anew, chosen, rule));
  }
  const { weightedSpeed = 0, ownSpeed = 0 } = kept?.plan ?? {};
  const least = weightedSpeed + gainPartMin * ownSpeed;
  return kept?.isTooLong === false && chosen.plan.weightedSpeed <= least
    ? kept
    : { plan: chosen.plan, isSame: false };
}

/** What must be shed is shed, whatever tiers say; else the room is taken for as wide as floors need. */
function withoutFloors(
  problem: ShedProblem,
  refused: TriedPlan<ShedPlan>,
  rule: PlanRule,
): PlanWithBudgets | undefined {
  const plan = rule.isForced
    ? planGivingUp(problem, rule)
    : planToFloors(problem, tryShed, refused);
  return plan && { plan, isSame: false };
}

/** Caps fall as far as it takes. They rise again when a late answer comes: for one that only is late nobody else stops. */
function planGivingUp(problem: ShedProblem, { areTiersGivenUp }: PlanRule): ShedPlan | undefined {
  const givenUp: ShedProblem = { ...problem, floors: "given-up" };
  if (!areTiersGivenUp) {
    return planToFloors(withoutNewStops(givenUp), tryShed);
  }
  const tried = tryShed(givenUp);
  return tried.kind === "plan" ? tried.plan : undefined;
}

function withoutNewStops(problem: ShedProblem): ShedProblem {
  return {
    ...problem,
    jobs: problem.jobs.map((job) =>
      job.isPausedNow
        ? job
        : { ...job, canPause: false, nodeCountMin: job.nodeCount, pausePlanned: undefined },
    ),
  };
}

function withoutPauses(problem: ShedProblem): ShedProblem {
  return {
    ...problem,
    jobs: problem.jobs.map((job) => ({ ...job, pausePlanned: undefined })),
  };
}

/**
 * Who has lost more to a pause than its tier bears comes back all the same: of the time that is left it loses no more than
 * its tier bears. What is lost already would only keep it out to the end. Whose floor is given up
 * stays out where its watts are needed for that.
 */
function withPausedBack(problem: ShedProblem): ShedProblem {
  return {
    ...problem,
    jobs: problem.jobs.map((job) => {
      const evenMs = job.tierLossMax * problem.elapsedMs - (1 - job.tierLossMax) * job.restoreMs;
      return mustReturn(job)
        ? {
            ...job,
            canPause: false,
            pausePlanned: undefined,
            lossMsSoFar: Math.min(job.lossMsSoFar, evenMs),
          }
        : job;
    }),
  };
}

/** It pauses, and its floor is not given up: no tier asks that anybody else comes back. */
function mustReturn({ isPausedNow, givenUp }: ShedJob): boolean {
  return isPausedNow && givenUp === undefined;
}

/** Of however many budgets at once each is taken for as wide as the floors below it. */
function withFloorsOfBudgets(problem: ShedProblem, { areBudgets }: PlanRule): Float64Array {
  if (!areBudgets.includes(1)) {
    return problem.roomScaled;
  }
  const floors = floorsScaled(problem);
  return problem.roomScaled.map((room, domain) =>
    areBudgets[domain] === 1 ? Math.max(room, floors[domain] ?? 0) : room,
  );
}

/**
 * No floor is given up: domain by domain the room is taken for as wide as its floors need.
 * @param first what is known already of the room as it is
 */
export function planToFloors<Plan extends SettledPlan>(
  problem: ShedProblem,
  planOf: (problem: ShedProblem) => TriedPlan<Plan>,
  first: TriedPlan<Plan> = planOf(problem),
): Plan | undefined {
  const roomScaled = problem.roomScaled.slice();
  let tried = first;
  for (let tries = 1; tried.kind !== "plan" && tries < domainsTriedMax; tries += 1) {
    const { domain } = tried;
    roomScaled[domain] = roomForFloors({ ...problem, roomScaled }, domain);
    tried = planOf({ ...problem, roomScaled });
  }
  return tried.kind === "plan" ? tried.plan : undefined;
}
