import {
  floorsScaled,
  roomForFloors,
  type SettledPlan,
  type ShedPlan,
  type ShedProblem,
  type TriedPlan,
  tryShed,
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
  if (!rule.isForced) {
    return planToFloors(wide, tryShed);
  }
  const kept = tryShed(wide);
  const found = kept.kind === "plan" ? kept : tryShed({ ...wide, floors: "given-up" });
  return found.kind === "plan" ? found.plan : undefined;
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
