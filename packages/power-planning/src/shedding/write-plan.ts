import { atWork, keptPart, pauseSaveMs } from "./at-work.ts";
import { pointAt } from "../curves/read-curve.ts";
import { capsBesideLeaders, withFollowers } from "./followers.ts";
import type { IdleNodesSplit } from "./power-off-idle.ts";
import { loadIn, runningWatts } from "./loads.ts";
import { distinctSlots, type SettledCaps } from "./settle-caps.ts";
import { remainingMs, type ShedDraft } from "./shed-draft.ts";
import type { Pause, SettledPlan, ShedPlan, ShedProblem } from "./shed-problem.ts";
import type { UntilSettled } from "./until-settled.ts";

export interface PlanParts {
  readonly idle: IdleNodesSplit;
  readonly draft: ShedDraft;
  readonly settled: SettledCaps;
}

/** A choice in the words of the caller. */
export function writePlan(problem: ShedProblem, parts: PlanParts): SettledPlan {
  const { idle, draft, settled } = parts;
  const { jobs } = problem;
  return withFollowers(jobs, {
    powerOffNodes: idle.off.map((node) => node.id),
    caps: jobs.flatMap((job, index) => {
      const capWatts = settled.capWatts[index] ?? 0;
      return capWatts > 0 ? [{ id: job.id, capWatts }] : [];
    }),
    shrinks: jobs.flatMap((job, index) => {
      const share = draft.nodeShare[index] ?? 1;
      return share < 1 ? [{ id: job.id, nodeCount: Math.round(job.nodeCount * share) }] : [];
    }),
    pauses: jobs.flatMap((job, index) =>
      (draft.pausedCount[index] ?? 0) > 0 ? [pauseOf(problem, draft, index, job.id)] : [],
    ),
    losses: jobs.map((job, index) => ({ id: job.id, ...lossOf(problem, parts, index) })),
    usedScaled: usedScaled(problem, draft, settled),
    weightedSpeed: settled.weightedSpeed,
    ownSpeed: settled.ownSpeed,
  });
}

/** With what holds until it is settled. */
export function withCapsUntil(
  { jobs }: ShedProblem,
  plan: SettledPlan,
  { capWatts, missingScaled }: UntilSettled,
): ShedPlan {
  const caps = jobs.flatMap(({ id }, index) => {
    const cap = capWatts[index] ?? 0;
    return cap > 0 ? [{ id, capWatts: cap }] : [];
  });
  return {
    ...plan,
    capsUntilSettled: capsBesideLeaders(jobs, caps),
    missingUntilSettledScaled: missingScaled,
  };
}

/** By domain, the most that is used in any slot, idle GPUs included. */
function usedScaled(
  problem: ShedProblem,
  draft: ShedDraft,
  { capWatts }: SettledCaps,
): Float64Array {
  const watts = new Float64Array(capWatts.length);
  problem.jobs.forEach((job, index) => {
    const cap = capWatts[index] ?? 0;
    watts[index] = cap > 0 ? runningWatts(problem, job, cap) : 0;
  });
  const most = new Float64Array(problem.roomScaled.length).fill(-Infinity);
  for (const slot of distinctSlots(draft)) {
    loadIn(problem, draft, watts, slot).forEach((load, domain) => {
      most[domain] = Math.max(most[domain] ?? 0, load);
    });
  }
  return most;
}

/**
 * The checkpoint begins before the slot where there is time, and is read back after it. Slots begin at whole
 * milliseconds, rounded alike: whoever pauses in the place of another does so as that one comes back, not after it.
 */
function pauseOf(problem: ShedProblem, draft: ShedDraft, index: number, id: number): Pause {
  const job = problem.jobs[index];
  const first = draft.pausedFrom[index] ?? 0;
  const slotFrom = Math.floor(draft.slotStartsMs[first] ?? 0);
  const slotUntil = Math.floor(draft.slotStartsMs[first + (draft.pausedCount[index] ?? 0)] ?? 0);
  const saveMs = job === undefined ? 0 : pauseSaveMs(job, first);
  return {
    id,
    fromMs: Math.max(-problem.noticeMs, slotFrom - saveMs),
    untilMs: slotUntil + (job?.restoreMs ?? 0),
  };
}

/** What the plan takes from the rest of the event, and over the whole of it with what was lost so far. */
function lossOf(
  problem: ShedProblem,
  { draft, settled }: PlanParts,
  index: number,
): Pick<SettledPlan["losses"][number], "lossAverage" | "lostMs"> {
  const job = problem.jobs[index];
  if (job === undefined) {
    return { lossAverage: 0, lostMs: 0 };
  }
  const cap = settled.capWatts[index] ?? 0;
  const speed = cap > 0 ? pointAt(job.curve, cap).speed : 0;
  const keeps = keptPart(atWork(problem, draft, index), speed);
  const lostMs = (1 - keeps) * remainingMs(problem);
  const lossAverage = Math.min(1, (job.lossMsSoFar + lostMs) / Math.max(1, problem.eventMs));
  return { lossAverage, lostMs };
}
