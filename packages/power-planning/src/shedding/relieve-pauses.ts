import type { ChosenPlan } from "./choose-plan.ts";
import { settleCaps } from "./settle-caps.ts";
import { copyOfDraft } from "./shed-draft.ts";
import type { ShedProblem } from "./shed-problem.ts";

/** So many jobs are tried, those first that lose most. */
const triedJobsMax = 8;
/** Less is no reason to change a plan. */
const gainPartMin = 0.001;

/**
 * Lets jobs go on that a plan need not pause: somebody ended, or there is more room than there was. Nobody
 * else is asked for more than its floor in their place.
 */
export function relievePauses(
  problem: ShedProblem,
  roomScaled: Float64Array,
  plan: ChosenPlan,
): ChosenPlan {
  const weightOf = (index: number): number => problem.jobs[index]?.weight ?? 0;
  const paused = [...plan.draft.pausedCount.keys()]
    .filter((index) => (plan.draft.pausedCount[index] ?? 0) > 0)
    .toSorted((a, b) => weightOf(b) - weightOf(a) || a - b)
    .slice(0, triedJobsMax);
  let best = plan;
  for (const index of paused) {
    const draft = copyOfDraft(best.draft);
    draft.pausedCount[index] = 0;
    const settled = settleCaps(problem, draft, roomScaled);
    if (
      settled.kind === "settled" &&
      settled.weightedSpeed > best.settled.weightedSpeed + gainPartMin * best.settled.ownSpeed
    ) {
      best = { kind: "chosen", draft, settled };
    }
  }
  return best;
}
