import { planShed, type ShedPlan, type ShedProblem } from "@ertis/power-planning";

/** So many domains may be too full for their floors at once; more are left as they are. */
const domainsTriedMax = 8;

/**
 * With every floor kept. Where that is impossible: a limit or an emergency (`isForced`) goes before the
 * floors of the flexible tiers; a budget does not, there all go to their floors. Undefined: nothing helps.
 */
export function choosePlan(problem: ShedProblem, isForced: boolean): ShedPlan | undefined {
  return isForced
    ? (planOf(problem) ?? planOf({ ...problem, floors: "given-up" }))
    : toFloors(problem);
}

function planOf(problem: ShedProblem): ShedPlan | undefined {
  const result = planShed(problem);
  return result.kind === "plan" ? result.plan : undefined;
}

/** Domain by domain the room is taken for as wide as its floors need. */
function toFloors(problem: ShedProblem): ShedPlan | undefined {
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
