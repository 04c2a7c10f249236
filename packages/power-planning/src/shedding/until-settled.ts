import { fillCaps } from "../filling/fill-caps.ts";
import { addNode } from "./loads.ts";
import type { SettledCaps } from "./settle-caps.ts";
import type { ShedDraft } from "./shed-draft.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";

export interface UntilSettled {
  readonly capWatts: Float64Array;
  readonly missingScaled: number;
}

export interface Unsettled {
  readonly draft: ShedDraft;
  readonly settled: SettledCaps;
  readonly hasNodesToStop: boolean;
}

/**
 * Last rung, the backstop: a checkpoint takes minutes and a node takes a while to stop, the target may be
 * seconds away. Until then everybody still runs, and caps as low as they go hold the target: a tier is an
 * average and bears that, a protected job keeps its floor at every instant.
 */
export function untilSettled(problem: ShedProblem, at: Unsettled): UntilSettled {
  const { draft, settled, hasNodesToStop } = at;
  const isLate = problem.jobs.some(
    (job, index) =>
      ((draft.pausedCount[index] ?? 0) > 0 &&
        draft.pausedFrom[index] === 0 &&
        !job.isPausedNow &&
        job.saveMs > problem.noticeMs) ||
      ((draft.nodeShare[index] ?? 1) < 1 && job.saveMs >= problem.noticeMs),
  );
  const isLeaving = problem.leavingScaled?.some((one) => one > 0) === true;
  if (!isLate && !isLeaving && (!hasNodesToStop || problem.noticeMs > 0)) {
    return { capWatts: settled.capWatts, missingScaled: 0 };
  }
  const room = problem.roomScaled.slice();
  const idle = new Float64Array(room.length);
  for (const node of problem.idleNodes) {
    addNode(idle, node);
  }
  idle.forEach((load, domain) => {
    const leaving = problem.leavingScaled?.[domain] ?? 0;
    room[domain] = (room[domain] ?? 0) - load - leaving;
  });
  const jobs = problem.jobs.map((job) => ({ ...job, floorCapWatts: lowestForNow(job) }));
  const filled = fillCaps({ ...problem, jobs, roomScaled: room });
  return filled.kind === "filled"
    ? { capWatts: filled.capWatts, missingScaled: 0 }
    : {
        capWatts: Float64Array.from(jobs, (job) => job.floorCapWatts),
        missingScaled: filled.missingScaled,
      };
}

function lowestForNow(job: ShedJob): number {
  const lowest = job.curve.points[0]?.capWatts ?? job.floorCapWatts;
  return job.isProtected ? job.floorCapWatts : lowest;
}
