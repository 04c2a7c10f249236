/** Ways to run the mix within a budget: the engine's, the simplest, and the exact best. */
import {
  drawAt,
  fillCaps,
  lowestSafeCap,
  planShed,
  type ShedResult,
  speedAt,
} from "@ertis/power-planning";
import { bestChoices, type Choice } from "../../optimum/knapsack.ts";
import type { MixJob } from "./mix.ts";

export interface Plan {
  readonly worth: number;
  readonly watts: number;
  /** Per job; 0: paused. */
  readonly caps: readonly number[];
}

export const fullCapWatts = 400;

export function planOf(jobs: readonly MixJob[], caps: readonly number[], idleWatts = 0): Plan {
  let worth = 0;
  let watts = 0;
  for (const [at, job] of jobs.entries()) {
    const cap = caps[at] ?? 0;
    worth += cap === 0 ? 0 : job.weight * speedAt(job.curve, cap);
    watts += job.gpuCount * (cap === 0 ? idleWatts : drawAt(job.curve, cap));
  }
  return { worth, watts, caps };
}

/** Undefined: the floors do not fit. */
export function filledPlan(jobs: readonly MixJob[], budgetWatts: number): Plan | undefined {
  const filled = fillCaps({
    jobs,
    roomScaled: Float64Array.of(budgetWatts),
    counts: "draw",
    capStepWatts: 1,
  });
  return filled.kind === "filled" ? planOf(jobs, [...filled.capWatts]) : undefined;
}

/** The highest cap that all jobs can have alike; floors play no part. */
export function uniformPlan(jobs: readonly MixJob[], budgetWatts: number): Plan | undefined {
  for (let cap = fullCapWatts; cap >= lowestSafeCap(fullCapWatts); cap -= 0.5) {
    const plan = planOf(
      jobs,
      jobs.map(() => cap),
    );
    if (plan.watts <= budgetWatts) {
      return plan;
    }
  }
  return undefined;
}

/** Watts of a job are rounded up to it: 1.5 W of all six at most. */
const unitWatts = 0.25;

export interface ExactRules {
  readonly stepWatts: number;
  readonly areFloorsKept: boolean;
  /** Of a paused GPU; undefined: nobody may be paused. */
  readonly idleWatts: number | undefined;
}

export function exactPlan(
  jobs: readonly MixJob[],
  budgetWatts: number,
  { stepWatts, areFloorsKept, idleWatts }: ExactRules,
): Plan | undefined {
  const caps = jobs.map((job) => {
    const lowest = Math.max(lowestSafeCap(fullCapWatts), areFloorsKept ? job.floorCapWatts : 0);
    const steps = Math.floor((fullCapWatts - lowest) / stepWatts);
    const grid = Array.from({ length: steps + 1 }, (_, at) => fullCapWatts - at * stepWatts);
    return idleWatts === undefined ? grid : [...grid, 0];
  });
  const choices = jobs.map((job, at) =>
    (caps[at] ?? []).map((cap): Choice =>
      cap === 0
        ? { watts: job.gpuCount * (idleWatts ?? 0), worth: 0 }
        : {
            watts: job.gpuCount * drawAt(job.curve, cap),
            worth: job.weight * speedAt(job.curve, cap),
          },
    ),
  );
  const best = bestChoices(choices, budgetWatts, unitWatts);
  return (
    best &&
    planOf(
      jobs,
      best.chosen.map((position, at) => caps[at]?.[position] ?? 0),
      idleWatts ?? 0,
    )
  );
}

const eventMs = 3 * 3_600_000;

/** What a curtailment of three hours asks for; checkpoints are free, as in the exact plan beside it. */
export function shedPlan(
  jobs: readonly MixJob[],
  budgetWatts: number,
  { floors, idleWatts }: { readonly floors: "kept" | "given-up"; readonly idleWatts: number },
): ShedResult {
  return planShed({
    jobs: jobs.map((job, id) => ({
      ...job,
      id,
      capNowWatts: fullCapWatts,
      isProtected: false,
      canPause: true,
      isPausedNow: false,
      saveMs: 0,
      restoreMs: 0,
      idleWatts,
      nodeCount: job.gpuCount / 8,
      nodeCountMin: job.gpuCount / 8,
      lossMsSoFar: 0,
    })),
    idleNodes: [],
    roomScaled: Float64Array.of(budgetWatts),
    eventMs,
    elapsedMs: 0,
    noticeMs: 0,
    counts: "draw",
    capStepWatts: 1,
    floors,
  });
}
