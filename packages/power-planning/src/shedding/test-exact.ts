import { atWork, keptPart } from "./at-work.ts";
import { countedWatts } from "../curves/curve.ts";
import { pointAt, speedAt } from "../curves/read-curve.ts";
import { fewestNodes, lowestCap, pausedSlotsMax } from "./allowances.ts";
import { createDraft, isPausedIn, type ShedDraft } from "./shed-draft.ts";
import { planShed } from "./plan-shed.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";

/** What one job may do: its load in each slot, and the weighted speed it keeps. */
interface Option {
  readonly loads: readonly number[];
  readonly value: number;
}

/**
 * Weighted speed that the plan of a problem with one domain loses beyond the exact optimum, 1 % of its loss and
 * a step of a cap; Infinity: it is refused, and there is a plan.
 */
export function lostBeyondOptimum(problem: ShedProblem, slotCount: number): number {
  const total = problem.jobs.reduce((sum, job) => sum + job.weight, 0);
  const optimum = exactOptimum(problem, slotCount);
  const result = planShed(problem);
  if (result.kind === "refused") {
    return optimum === -1 ? 0 : Infinity;
  }
  const loss = total - result.plan.weightedSpeed;
  // With two or three jobs one step of a cap is as much as 0.1 % of the work.
  return loss - 1.01 * (total - optimum) - 0.001 * total;
}

/**
 * The exact optimum of a problem with one domain: every stretch of paused slots of every job, and every
 * number of nodes that it may give back, against every cap on the grid, all pairs of load and worth kept that no other beats.
 */
function exactOptimum(problem: ShedProblem, slotCount: number): number {
  const room = problem.roomScaled[0] ?? 0;
  let front: readonly Option[] = [{ loads: Array.from({ length: slotCount }, () => 0), value: 0 }];
  for (const job of problem.jobs) {
    const options = optionsOf(problem, job, slotCount);
    const next: Option[] = [];
    for (const from of front) {
      for (const option of options) {
        const loads = from.loads.map((load, slot) => load + (option.loads[slot] ?? 0));
        if (loads.every((load) => load <= room)) {
          next.push({ loads, value: from.value + option.value });
        }
      }
    }
    front = undominated(next);
  }
  return front.reduce((best, one) => Math.max(best, one.value), -1);
}

function optionsOf(problem: ShedProblem, job: ShedJob, slotCount: number): readonly Option[] {
  const own = { ...problem, jobs: [job] };
  const options: Option[] = [];
  for (let kept = fewestNodes(problem, job); kept <= job.nodeCount; kept += 1) {
    const draft = createDraft(own, slotCount);
    draft.nodeShare[0] = kept / job.nodeCount;
    // Who gives nodes back does so for the whole event, and pauses no more.
    const countMax = kept < job.nodeCount ? 0 : pausedSlotsMax(problem, draft, job);
    for (let count = 0; count <= countMax; count += 1) {
      // Where nothing is paused, it does not matter from when.
      const fromMax = count === 0 ? 0 : slotCount - count;
      for (let from = 0; from <= fromMax; from += 1) {
        draft.pausedFrom[0] = from;
        draft.pausedCount[0] = count;
        options.push(...optionsWithCaps(own, draft));
      }
    }
  }
  return options;
}

/** One job's, with the pauses and nodes that a draft leaves it. */
function optionsWithCaps(problem: ShedProblem, draft: ShedDraft): readonly Option[] {
  const [job] = problem.jobs;
  if (job === undefined) {
    return [];
  }
  const work = atWork(problem, draft, 0);
  const share = draft.nodeShare[0] ?? 1;
  const options: Option[] = [];
  const lowest = lowestCap(problem, job, work);
  const caps = [lowest];
  const top = job.curve.points.at(-1)?.capWatts ?? 0;
  for (let cap = top; cap > lowest; cap -= problem.capStepWatts) {
    caps.push(cap);
  }
  for (const cap of caps) {
    const counted = countedWatts(pointAt(job.curve, cap), problem.counts);
    const running = share * counted + (1 - share) * job.idleWatts;
    const loads = Array.from(
      { length: draft.slotCount },
      (_, slot) => (isPausedIn(draft, 0, slot) ? job.idleWatts : running) * job.gpuCount,
    );
    options.push({ loads, value: job.weight * keptPart(work, speedAt(job.curve, cap)) });
  }
  return options;
}

/** Dearest first, so that one pass finds what is beaten. */
function undominated(options: readonly Option[]): readonly Option[] {
  const kept: Option[] = [];
  for (const option of options.toSorted((a, b) => b.value - a.value)) {
    const isBeaten = kept.some((one) =>
      one.loads.every((load, slot) => load <= (option.loads[slot] ?? 0)),
    );
    if (!isBeaten) {
      kept.push(option);
    }
  }
  return kept;
}
