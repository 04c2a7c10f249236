import { fillCaps } from "../filling/fill-caps.ts";
import { addJob, addNode } from "./loads.ts";
import type { SettledCaps } from "./settle-caps.ts";
import { isPausedIn, type ShedDraft } from "./shed-draft.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";

/** So many domains may be too full at their lowest caps; with more of them everybody is lowered. */
const domainsTriedMax = 16;

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
  const areOffInTime = !hasNodesToStop || problem.noticeMs > (problem.switchOffMs ?? 0);
  if (!isLate && !isLeaving && areOffInTime) {
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
  const stays = (index: number): boolean => isPausedIn(draft, index, 0);
  const all = fillRunning(problem, room, stays);
  if (
    all.missingScaled === 0 ||
    !problem.jobs.some((job, index) => job.isPausedNow && !stays(index))
  ) {
    return all;
  }
  // Who comes back waits for those that leave, and nobody takes his watts meanwhile.
  const without = fillRunning(problem, room, () => true);
  return {
    ...without,
    capWatts: without.capWatts.map((cap, index) => {
      const then = settled.capWatts[index] ?? 0;
      return then === 0 ? cap : Math.min(cap, then);
    }),
  };
}

/** Who is paused now and stays so draws no more than idle GPUs; everybody else runs, whatever is planned. */
function fillRunning(
  problem: ShedProblem,
  room: Float64Array,
  stays: (index: number) => boolean,
): UntilSettled {
  const left = room.slice();
  const running: { readonly index: number; readonly job: ShedJob }[] = [];
  problem.jobs.forEach((job, index) => {
    if (job.isPausedNow && stays(index)) {
      addJob(left, job, -job.idleWatts);
    } else {
      running.push({ index, job: { ...job, floorCapWatts: lowestForNow(problem, job) } });
    }
  });
  const filled = fillAsMayBe(
    problem,
    running.map(({ job }) => job),
    left,
  );
  const capWatts = new Float64Array(problem.jobs.length);
  running.forEach(({ index }, at) => {
    capWatts[index] = filled.capWatts[at] ?? 0;
  });
  return { ...filled, capWatts };
}

/**
 * Where even the lowest caps are too much, they hold what they can; everybody else keeps what fits there:
 * to lower them would free nothing that is missing.
 */
function fillAsMayBe(
  problem: ShedProblem,
  jobs: readonly ShedJob[],
  room: Float64Array,
): UntilSettled {
  let missingScaled = 0;
  for (let tries = 0; tries < domainsTriedMax; tries += 1) {
    const filled = fillCaps({ ...problem, jobs, roomScaled: room });
    if (filled.kind === "filled") {
      return { capWatts: filled.capWatts, missingScaled };
    }
    missingScaled = Math.max(missingScaled, filled.missingScaled);
    room[filled.domain] = (room[filled.domain] ?? 0) + filled.missingScaled;
  }
  return { capWatts: Float64Array.from(jobs, (job) => job.floorCapWatts), missingScaled };
}

function lowestForNow({ isBridgedByFloors = false }: ShedProblem, job: ShedJob): number {
  const lowest = job.curve.points[0]?.capWatts ?? job.floorCapWatts;
  return job.isProtected || isBridgedByFloors ? job.floorCapWatts : lowest;
}
