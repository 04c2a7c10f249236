import type { SettledPlan, ShedJob } from "./shed-problem.ts";

type Jobs = readonly ShedJob[];
type Cap = SettledPlan["caps"][number];

/** A plan in which those who follow another pause as it does, and lose what it loses. */
export function withFollowers<Plan extends SettledPlan>(jobs: Jobs, plan: Plan): Plan {
  if (jobs.every(({ followers }) => followers === undefined)) {
    return plan;
  }
  const leaderOf = leaders(jobs);
  const losses = new Map(plan.losses.map((one) => [one.id, one]));
  return {
    ...plan,
    caps: capsBesideLeaders(jobs, plan.caps),
    pauses: plan.pauses.flatMap((one) => [
      one,
      ...(jobs[one.id]?.followers ?? []).map((id) => ({ ...one, id })),
    ]),
    losses: plan.losses.map((one) => ({
      ...(losses.get(leaderOf.get(one.id) ?? one.id) ?? one),
      id: one.id,
    })),
  };
}

/** Who follows somebody without a cap, since that pauses all the time, has none either. */
export function capsBesideLeaders(jobs: Jobs, caps: readonly Cap[]): readonly Cap[] {
  const leaderOf = leaders(jobs);
  const running = new Set(caps.map(({ id }) => id));
  return leaderOf.size === 0 ? caps : caps.filter(({ id }) => running.has(leaderOf.get(id) ?? id));
}

function leaders(jobs: Jobs): ReadonlyMap<number, number> {
  return new Map(
    jobs.flatMap(({ id, followers = [] }) => followers.map((one) => [one, id] as const)),
  );
}
