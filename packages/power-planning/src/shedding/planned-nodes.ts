import { fewestNodes } from "./allowances.ts";
import type { ChosenPlan, PlanDoesNotFit } from "./choose-plan.ts";
import { copyOfDraft, type ShedDraft } from "./shed-draft.ts";
import type { ShedProblem } from "./shed-problem.ts";

/** So many gangs are tried with more: each look at one fills the caps of all jobs again. */
const triedGangsMax = 8;
/** Less is no reason to change a plan. */
const gainPartMin = 0.001;

/**
 * Gangs that an earlier plan lets go on with fewer nodes, and that hold all of them still: with as many as was planned, or
 * with more where their tiers ask for that, or it is worth it.
 */
export function withPlannedNodes(
  problem: ShedProblem,
  whole: ShedDraft,
  choose: (draft: ShedDraft) => ChosenPlan | PlanDoesNotFit,
): ChosenPlan | PlanDoesNotFit {
  const planned = copyOfDraft(whole);
  const gangs: { readonly index: number; readonly least: number; readonly nodeCount: number }[] =
    [];
  problem.jobs.forEach((job, index) => {
    const { nodeCount, nodeCountPlanned = nodeCount } = job;
    if (nodeCountPlanned < nodeCount) {
      const least = Math.max(nodeCountPlanned, fewestNodes(problem, job));
      planned.nodeShare[index] = least / nodeCount;
      gangs.push({ index, least, nodeCount });
    }
  });
  const first = choose(planned);
  if (first.kind !== "chosen") {
    return first;
  }
  let best = first;
  for (const { index, least, nodeCount } of gangs.slice(0, triedGangsMax)) {
    for (const count of countsAbove(least, nodeCount)) {
      const draft = copyOfDraft(best.draft);
      draft.nodeShare[index] = count / nodeCount;
      const tried = choose(draft);
      best = tried.kind === "chosen" && isGain(tried, best) ? tried : best;
    }
  }
  return best;
}

/** One, two, four ... more, and all of them. */
function countsAbove(least: number, all: number): readonly number[] {
  const counts: number[] = [];
  for (let more = 1; least + more < all; more *= 2) {
    counts.push(least + more);
  }
  return least < all ? [...counts, all] : counts;
}

function isGain({ settled }: ChosenPlan, than: ChosenPlan): boolean {
  const least = than.settled.weightedSpeed + gainPartMin * than.settled.ownSpeed;
  return settled.weightedSpeed > least;
}
