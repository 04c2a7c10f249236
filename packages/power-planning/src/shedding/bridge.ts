import { atWork, keptPart } from "./at-work.ts";
import { lowestCapFor, speedAt } from "../curves/read-curve.ts";
import type { SettledCaps } from "./settle-caps.ts";
import { remainingMs, type ShedDraft } from "./shed-draft.ts";
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
  const capWatts = settled.capWatts[index] ?? 0;
  if (
    job === undefined ||
    bridgeMs <= 0 ||
    capWatts === 0 ||
    problem.floors === "given-up" ||
    stopsAtOnce(job, draft, index)
  ) {
    return 0;
  }
  const leftMs = Math.max(0, -lostBeyondTier(problem, { draft, settled }, index));
  const speed = speedAt(job.curve, capWatts);
  return lowestCapFor(job.curve, Math.max(0, speed - leftMs / bridgeMs));
}

/** So much of the event is nobody's loss: caps are whole watts, a little below what was planned. */
const roundingPart = 0.005;

/**
 * What each job loses until then on top of its plan, ms; undefined: that, too, is borne by every tier, or there are
 * no floors to be kept.
 */
export function brokenInBridge(
  problem: ShedProblem,
  bridge: Bridge,
  capWatts: Float64Array,
): readonly number[] | undefined {
  const { draft, settled, bridgeMs } = bridge;
  if (bridgeMs <= 0 || problem.counts === "draw" || problem.floors === "given-up") {
    return undefined;
  }
  let isBroken = false;
  const lostMs = problem.jobs.map((job, index) => {
    const planned = settled.capWatts[index] ?? 0;
    const until = capWatts[index] ?? 0;
    if (until === 0 || until >= planned || stopsAtOnce(job, draft, index)) {
      return 0;
    }
    const moreMs = (speedAt(job.curve, planned) - speedAt(job.curve, until)) * bridgeMs;
    const beyondMs = lostBeyondTier(problem, { draft, settled }, index) + moreMs;
    isBroken ||= beyondMs > roundingPart * problem.eventMs;
    return moreMs;
  });
  return isBroken ? lostMs : undefined;
}

/** Of the whole event, as it is planned once all is settled; negative: so much more could be lost. */
function lostBeyondTier(
  problem: ShedProblem,
  { draft, settled }: Pick<Bridge, "draft" | "settled">,
  index: number,
): number {
  const job = problem.jobs[index];
  if (job === undefined) {
    return 0;
  }
  const speed = speedAt(job.curve, settled.capWatts[index] ?? 0);
  const keeps = keptPart(atWork(problem, draft, index), speed);
  const lostMs = job.lossMsSoFar + (1 - keeps) * remainingMs(problem);
  return lostMs - job.tierLossMax * problem.eventMs;
}

function stopsAtOnce(job: ShedJob, draft: ShedDraft, index: number): boolean {
  const isPaused = (draft.pausedCount[index] ?? 0) > 0 && draft.pausedFrom[index] === 0;
  return !job.isPausedNow && (isPaused || (draft.nodeShare[index] ?? 1) < 1);
}
