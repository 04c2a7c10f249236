import { countedWatts } from "../curves/curve.ts";
import { pointAt, speedAt } from "../curves/read-curve.ts";
import { lowestCap, pausedSlotsMax } from "./allowances.ts";
import { createDraft, pausedPart, type ShedDraft } from "./shed-draft.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";

/** What one job may do: its load in each slot, and the weighted speed it keeps. */
interface Option {
  readonly loads: readonly number[];
  readonly value: number;
}

/**
 * The exact optimum of a problem with one domain: every stretch of paused slots of every job against
 * every cap on the grid, all pairs of load and worth kept that no other beats.
 */
export function exactOptimum(problem: ShedProblem, slotCount: number): number {
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
  const draft: ShedDraft = createDraft({ ...problem, jobs: [job] }, slotCount);
  const options: Option[] = [];
  const slots = Array.from({ length: slotCount }, (_, slot) => slot);
  for (let count = 0; count <= pausedSlotsMax(problem, draft, job); count += 1) {
    // Where nothing is paused, it does not matter from when.
    const fromMax = count === 0 ? 0 : slotCount - count;
    for (let from = 0; from <= fromMax; from += 1) {
      draft.pausedFrom[0] = from;
      draft.pausedCount[0] = count;
      const part = pausedPart({ ...problem, jobs: [job] }, draft, 0);
      const top = job.curve.points.at(-1)?.capWatts ?? 0;
      for (let cap = top; cap >= lowestCap(problem, job, part); cap -= problem.capStepWatts) {
        const running = countedWatts(pointAt(job.curve, cap), problem.counts);
        options.push({
          loads: slots.map(
            (slot) =>
              (slot >= from && slot < from + count ? job.idleWatts : running) * job.gpuCount,
          ),
          value: job.weight * (1 - part) * speedAt(job.curve, cap),
        });
      }
    }
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
