import {
  floorsScaled,
  planShed,
  shedPlan,
  type ShedPlan,
  type ShedProblem,
} from "@ertis/power-planning";

/** So many domains that no budget fills may be too full for their floors at once; more are left as they are. */
const domainsTriedMax = 8;

export interface PlanRule {
  /** A limit or an emergency is exceeded: it goes before the floors of the flexible tiers. */
  readonly isForced: boolean;
  /** By domain, 1 where a budget alone binds: there all go to their floors at most, and nobody pauses. */
  readonly areBudgets: Uint8Array;
}

/** With every floor kept, where that is possible. Undefined: nothing helps. */
export function planWithBudgets(problem: ShedProblem, rule: PlanRule): ShedPlan | undefined {
  const wide = { ...problem, roomScaled: withFloorsOfBudgets(problem, rule) };
  return rule.isForced
    ? (shedPlan(wide) ?? shedPlan({ ...wide, floors: "given-up" }))
    : planToFloors(wide);
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

/** No floor is given up: domain by domain the room is taken for as wide as its floors need. */
export function planToFloors(problem: ShedProblem): ShedPlan | undefined {
  const roomScaled = problem.roomScaled.slice();
  for (let tries = 0; tries < domainsTriedMax; tries += 1) {
    const result = planShed({ ...problem, roomScaled });
    if (result.kind === "plan") {
      return result.plan;
    }
    roomScaled[result.domain] = result.smallestScaled;
  }
  return undefined;
}
