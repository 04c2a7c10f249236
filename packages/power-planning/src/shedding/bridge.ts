import { lowestCapFor, speedAt } from "../curves/read-curve.ts";
import type { SettledCaps } from "./settle-caps.ts";
import { pausedPart, remainingMs, type ShedDraft } from "./shed-draft.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";

/** A choice, and the time until everything that it tells to stop is gone. */
export interface Bridge {
  readonly draft: ShedDraft;
  readonly settled: SettledCaps;
  readonly bridgeMs: number;
}

/** Until nodes are off, what leaves is gone, and checkpoints are written that are due at once: of the rest of the event. */
export function bridgeMsOf(
  problem: ShedProblem,
  draft: ShedDraft,
  hasNodesToStop: boolean,
): number {
  const { noticeMs, switchOffMs = 0, leavingScaled } = problem;
  const isLeaving = leavingScaled?.some((one) => one > 0) === true;
  let untilMs = isLeaving ? switchOffMs : 0;
  if (hasNodesToStop) {
    untilMs = Math.max(untilMs, switchOffMs - noticeMs);
  }
  problem.jobs.forEach((job, index) => {
    if (stopsAtOnce(job, draft, index)) {
      untilMs = Math.max(untilMs, job.saveMs - noticeMs);
    }
  });
  return Math.min(untilMs, remainingMs(problem));
}

/**
 * The lowest cap of a job until then: what its plan leaves of what its tier tolerates may be lost to it. Who stops at
 * once loses that time anyway.
 */
export function lowestInBridge(
  problem: ShedProblem,
  { draft, settled, bridgeMs }: Bridge,
  index: number,
): number {
  const job = problem.jobs[index];
  if (job === undefined || bridgeMs <= 0) {
    return 0;
  }
  const { curve, tierLossMax, lossMsSoFar } = job;
  const capWatts = settled.capWatts[index] ?? 0;
  if (capWatts === 0 || problem.floors === "given-up" || stopsAtOnce(job, draft, index)) {
    return 0;
  }
  const speed = speedAt(curve, capWatts);
  const share = draft.nodeShare[index] ?? 1;
  const keeps = share * speed * (1 - pausedPart(problem, draft, index));
  const lostMs = lossMsSoFar + (1 - keeps) * remainingMs(problem);
  const leftMs = Math.max(0, tierLossMax * problem.eventMs - lostMs);
  return lowestCapFor(curve, Math.max(0, speed - leftMs / bridgeMs));
}

function stopsAtOnce(job: ShedJob, draft: ShedDraft, index: number): boolean {
  const isPaused = (draft.pausedCount[index] ?? 0) > 0 && draft.pausedFrom[index] === 0;
  return !job.isPausedNow && (isPaused || (draft.nodeShare[index] ?? 1) < 1);
}
