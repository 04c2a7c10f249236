import { fillCaps } from "../filling/fill-caps.ts";
import type { FillJob } from "../filling/fill-problem.ts";
import { type Bridge, bridgeMsOf, brokenInBridge, lowestInBridge } from "./bridge.ts";
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

/** And what jobs lose by it beyond their tiers, undefined where all bear it (`brokenInBridge`). */
export interface Bridged extends UntilSettled {
  readonly brokenMs: readonly number[] | undefined;
}

export interface Unsettled {
  readonly draft: ShedDraft;
  readonly settled: SettledCaps;
  readonly hasNodesToStop: boolean;
}

/**
 * Last rung, the backstop: a checkpoint takes minutes and a node takes a while to stop, the target may be
 * seconds away. Until then everybody still runs, and caps below their floors hold the target: a tier is an
 * average and may bear that; where not all do, caps are as low as they go. A protected job keeps its floor at every instant.
 */
export function untilSettled(problem: ShedProblem, at: Unsettled): Bridged {
  const { draft, settled, hasNodesToStop } = at;
  const bridge = { draft, settled, bridgeMs: bridgeMsOf(problem, draft, hasNodesToStop) };
  const until = capsUntil(problem, at, bridge);
  return { ...until, brokenMs: brokenInBridge(problem, bridge, until.capWatts) };
}

function capsUntil(
  problem: ShedProblem,
  { draft, settled, hasNodesToStop }: Unsettled,
  bridge: Bridge,
): UntilSettled {
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
  const all = fillRunning(problem, room, stays, bridge);
  if (all.isBorne || !problem.jobs.some((job, index) => job.isPausedNow && !stays(index))) {
    return all;
  }
  // Who comes back waits for those that leave, before others lose more than their tiers bear, and nobody takes its watts meanwhile.
  const without = fillRunning(problem, room, () => true, bridge);
  if (all.missingScaled === 0 && !without.isBorne) {
    return all;
  }
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
  bridge: Bridge,
): FilledUntil {
  const left = room.slice();
  const running: number[] = [];
  problem.jobs.forEach((job, index) => {
    if (job.isPausedNow && stays(index)) {
      addJob(left, job, -job.idleWatts);
    } else {
      running.push(index);
    }
  });
  const filled = fillAsMayBe(problem, { running, bridge }, left);
  const capWatts = new Float64Array(problem.jobs.length);
  running.forEach((index, at) => {
    capWatts[index] = filled.capWatts[at] ?? 0;
  });
  return { ...filled, capWatts };
}

interface FilledUntil extends UntilSettled {
  /** By all tiers: nobody loses more until then than his plan leaves him. */
  readonly isBorne: boolean;
}

interface Running {
  /** Positions of jobs. */
  readonly running: readonly number[];
  readonly bridge: Bridge;
}

/** With floors for the time until all is settled. */
function withFloors(
  { jobs }: ShedProblem,
  running: readonly number[],
  floorOf: (job: ShedJob, index: number) => number,
): readonly FillJob[] {
  const found: FillJob[] = [];
  for (const index of running) {
    const job = jobs[index];
    if (job !== undefined) {
      const { gpuCount, weight, curve, domains, scaledPerGpuWatt } = job;
      const floorCapWatts = floorOf(job, index);
      found.push({ gpuCount, weight, curve, floorCapWatts, domains, scaledPerGpuWatt });
    }
  }
  return found;
}

/**
 * If possible with what all tiers bear. Where even the lowest caps are too much, they hold what they can; everybody
 * else keeps what fits there: to lower them would free nothing that is missing.
 */
function fillAsMayBe(
  problem: ShedProblem,
  { running, bridge }: Running,
  room: Float64Array,
): FilledUntil {
  const borne = withFloors(problem, running, (job, index) =>
    Math.max(lowestForNow(problem, job), lowestInBridge(problem, bridge, index)),
  );
  const kept = fillCaps({ ...problem, jobs: borne, roomScaled: room });
  if (kept.kind === "filled") {
    return { capWatts: kept.capWatts, missingScaled: 0, isBorne: true };
  }
  const jobs = withFloors(problem, running, (job) => lowestForNow(problem, job));
  let missingScaled = 0;
  for (let tries = 0; tries < domainsTriedMax; tries += 1) {
    const filled = fillCaps({ ...problem, jobs, roomScaled: room });
    if (filled.kind === "filled") {
      return { capWatts: filled.capWatts, missingScaled, isBorne: false };
    }
    missingScaled = Math.max(missingScaled, filled.missingScaled);
    room[filled.domain] = (room[filled.domain] ?? 0) + filled.missingScaled;
  }
  return {
    capWatts: Float64Array.from(jobs, (job) => job.floorCapWatts),
    missingScaled,
    isBorne: false,
  };
}

function lowestForNow({ isBridgedByFloors = false }: ShedProblem, job: ShedJob): number {
  const lowest = job.curve.points[0]?.capWatts ?? job.floorCapWatts;
  return job.isProtected || isBridgedByFloors ? job.floorCapWatts : lowest;
}
