import { type AtWork, atWork } from "./at-work.ts";
import { speedAt } from "../curves/read-curve.ts";
import { fillCaps } from "../filling/fill-caps.ts";
import type { Filled, FillJob } from "../filling/fill-problem.ts";
import { lowestCap } from "./allowances.ts";
import { addJob } from "./loads.ts";
import { isPausedIn, type ShedDraft } from "./shed-draft.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";
import { countWork } from "./work.ts";

export interface SettledCaps {
  readonly kind: "settled";
  /** Beside the problem's jobs; 0: paused all the time. */
  readonly capWatts: Float64Array;
  readonly weightedSpeed: number;
  /** The same with own weights: what a gain is a part of. */
  readonly ownSpeed: number;
}

/**
 * Fills the whole room again after the choice: caps are as high as they can be for the whole rest of the
 * event. A domain counts once for every stretch of time in which other jobs are paused, so that the same
 * caps fit in all of them.
 */
export function settleCaps(
  problem: ShedProblem,
  draft: ShedDraft,
  roomScaled: Float64Array,
): SettledCaps | Extract<Filled, { readonly kind: "floors-do-not-fit" }> {
  const slots = distinctSlots(draft);
  countWork(problem.jobs.length * slots.length);
  const width = roomScaled.length;
  const room = new Float64Array(width * slots.length);
  slots.forEach((_, at) => {
    room.set(roomScaled, at * width);
  });
  const running: { readonly index: number; readonly job: FillJob; readonly lost: number }[] = [];
  problem.jobs.forEach((job, index) => {
    takeIdle(room, { draft, slots, width, job, index });
    if (!isPausedThroughout(draft, index)) {
      const work = atWork(problem, draft, index);
      const part = fillJobOf(problem, { draft, slots, width, job, index, work });
      running.push({ index, job: part, lost: job.weight * work.restorePart });
    }
  });
  const filled = fillCaps({
    jobs: running.map((one) => one.job),
    roomScaled: room,
    counts: problem.counts,
    capStepWatts: problem.capStepWatts,
  });
  if (filled.kind === "floors-do-not-fit") {
    return { ...filled, domain: filled.domain % width };
  }
  const capWatts = new Float64Array(problem.jobs.length);
  let weightedSpeed = 0;
  let ownSpeed = 0;
  running.forEach(({ index, job, lost }, at) => {
    const cap = filled.capWatts[at] ?? 0;
    capWatts[index] = cap;
    const speed = Math.max(0, job.weight * speedAt(job.curve, cap) - lost);
    const { weight = 1, ownWeight = weight } = problem.jobs[index] ?? {};
    weightedSpeed += speed;
    ownSpeed += ownWeight === weight ? speed : (speed * ownWeight) / weight;
  });
  return { kind: "settled", capWatts, weightedSpeed, ownSpeed };
}

function isPausedThroughout(draft: ShedDraft, job: number): boolean {
  return (draft.pausedCount[job] ?? 0) >= draft.slotCount;
}

interface JobInSlots {
  readonly draft: ShedDraft;
  readonly slots: readonly number[];
  readonly width: number;
  readonly job: ShedJob;
  readonly index: number;
}

/** The first slot, and each in which others are paused than in the one before. */
export function distinctSlots(draft: ShedDraft): readonly number[] {
  const starts = new Set([0]);
  draft.pausedCount.forEach((count, job) => {
    const from = draft.pausedFrom[job] ?? 0;
    if (count > 0) {
      starts.add(from);
      starts.add(from + count);
    }
  });
  return [...starts].filter((slot) => slot < draft.slotCount).toSorted((a, b) => a - b);
}

/** What idle GPUs of a job draw is no longer there for others. */
function takeIdle(room: Float64Array, at: JobInSlots): void {
  const { draft, slots, width, job, index } = at;
  const given = 1 - (draft.nodeShare[index] ?? 1);
  slots.forEach((slot, position) => {
    const part = isPausedIn(draft, index, slot) ? 1 : given;
    if (part > 0) {
      addJob(room.subarray(position * width, (position + 1) * width), job, -part * job.idleWatts);
    }
  });
}

/** The job as the filling sees it: in the slots in which it runs, and worth what is left of it. */
function fillJobOf(problem: ShedProblem, at: JobInSlots & { readonly work: AtWork }): FillJob {
  const { draft, slots, width, job, index, work } = at;
  const share = draft.nodeShare[index] ?? 1;
  const { gpuCount, curve } = job;
  const weight = job.weight * work.workPart;
  const floorCapWatts = lowestCap(problem, job, work);
  if (slots.length === 1 && share === 1) {
    const { domains, scaledPerGpuWatt } = job;
    return { gpuCount, weight, curve, floorCapWatts, domains, scaledPerGpuWatt };
  }
  const domains: number[] = [];
  const scaled: number[] = [];
  slots.forEach((slot, position) => {
    if (!isPausedIn(draft, index, slot)) {
      job.domains.forEach((domain, place) => {
        domains.push(position * width + domain);
        scaled.push(share * (job.scaledPerGpuWatt[place] ?? 0));
      });
    }
  });
  return {
    gpuCount,
    weight,
    curve,
    floorCapWatts,
    domains: Int32Array.from(domains),
    scaledPerGpuWatt: Float64Array.from(scaled),
  };
}
