import { fewestNodes } from "./allowances.ts";
import type { ChosenPlan } from "./choose-plan.ts";
import { startDraft } from "./planned-pauses.ts";
import { settleCaps } from "./settle-caps.ts";
import { copyOfDraft, type ShedDraft } from "./shed-draft.ts";
import type { ShedProblem } from "./shed-problem.ts";

/** Up to so many gangs, each is tried together with each other one. */
const pairedGangsMax = 3;
/** Each round starts from the last one's best; a few are enough. */
const roundsMax = 4;
/** Less is no reason to change a plan. */
const gainPartMin = 0.0005;

/**
 * One price for caps and nodes is coarse where gangs are few: one node more or less, or a whole gang that
 * gives none, is far more than a step of a cap. Tries other numbers of nodes with caps in what is left, and
 * keeps what leaves more weighted speed. `gangs` are positions of jobs that may give nodes back.
 */
export function improveShrinks(
  problem: ShedProblem,
  roomScaled: Float64Array,
  gangs: readonly number[],
  start: ChosenPlan | undefined,
): ChosenPlan | undefined {
  let best = start;
  let hasGained = true;
  const keepBetter = (draft: ShedDraft): void => {
    const settled = settleCaps(problem, draft, roomScaled);
    if (settled.kind === "settled" && isGain(settled.weightedSpeed, best)) {
      best = { kind: "chosen", draft: copyOfDraft(draft), settled };
      hasGained = true;
    }
  };
  for (let round = 0; hasGained && round < roundsMax; round += 1) {
    hasGained = false;
    for (const group of groupsOf(gangs)) {
      const draft = copyOfDraft(best?.draft ?? startDraft(problem, 1));
      // Who pauses keeps its nodes.
      const running = group.filter((index) => draft.pausedCount[index] === 0);
      tryAll(problem, draft, running, keepBetter);
    }
  }
  return best;
}

function isGain(weightedSpeed: number, best: ChosenPlan | undefined): boolean {
  return (
    best === undefined ||
    weightedSpeed > best.settled.weightedSpeed + gainPartMin * best.settled.ownSpeed
  );
}

/** Gangs that are tried together. */
function groupsOf(gangs: readonly number[]): readonly (readonly number[])[] {
  return gangs.length === 1 || gangs.length > pairedGangsMax
    ? gangs.map((one) => [one])
    : gangs.flatMap((one, at) => gangs.slice(at + 1).map((other) => [one, other]));
}

/** Every combination of numbers of nodes of the gangs given, the others as they are. */
function tryAll(
  problem: ShedProblem,
  draft: ShedDraft,
  gangs: readonly number[],
  look: (draft: ShedDraft) => void,
): void {
  const [gang, ...others] = gangs;
  if (gang === undefined) {
    look(draft);
    return;
  }
  const shareNow = draft.nodeShare[gang] ?? 1;
  for (const share of sharesToTry(problem, gang, shareNow)) {
    draft.nodeShare[gang] = share;
    tryAll(problem, draft, others, look);
  }
  draft.nodeShare[gang] = shareNow;
}

/** What it keeps now, all of its nodes, as few as it may, and one, two, four ... more or less. */
function sharesToTry(problem: ShedProblem, index: number, shareNow: number): readonly number[] {
  const job = problem.jobs[index];
  if (job === undefined) {
    return [];
  }
  const { nodeCount } = job;
  const least = fewestNodes(problem, job);
  const now = Math.round(nodeCount * shareNow);
  const counts = new Set([now, nodeCount, least]);
  for (let step = 1; step < nodeCount - least; step *= 2) {
    counts.add(Math.min(nodeCount, now + step)).add(Math.max(least, now - step));
  }
  return [...counts].map((count) => count / nodeCount);
}
