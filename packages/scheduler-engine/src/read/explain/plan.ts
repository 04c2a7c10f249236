import { type Energy, milliseconds, toNumber } from "@ertis/quantities";
import { isStartAllowed } from "../../apply/jobs.ts";
import { findStart } from "../../placement/find.ts";
import { askRamp, type RampAnswer } from "../../decide/ramp/ramp.ts";
import { planPreemption } from "../../decide/queue/preempt.ts";
import { startToPromise } from "../../decide/queue/head.ts";
import { startWoken } from "../../decide/queue/try-start.ts";
import { refusal } from "../../decide/commands/submit.ts";
import { type EngineLimits, preemptsBeforeMs, stopGraceMs } from "../../limits.ts";
import { curveOf, speedUnder } from "../../power/shedding/curves.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { createJob, isEligible, type Job } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Start } from "../../placement/wanted.ts";
import type { Placement } from "../../words/attempt.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import type { Rejection } from "../../words/rejection.ts";
import { asksToPreempt } from "./asks-to-preempt.ts";
import { deadlineMissed } from "./deadline-missed.ts";
import { explain } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import type { MayPreempt } from "./may-preempt.ts";
import { type NodePlacementView, placementView } from "../jobs/job-view.ts";
import { startQuotaBlock } from "../accounts/start-quota-block.ts";
import {
  energyOfTasks,
  loweringFor,
  loweringView,
  mayGetMore,
  networkOf,
  type PlannedLowering,
  type PlannedNetwork,
  type PlannedPreemption,
  type PlannedPromise,
  preemptionView,
  promiseFor,
} from "./plan-later.ts";
import { rampBlock, type RampStepView, stepBeyondRamp } from "./ramp-block.ts";

/** What would become of a job if it were submitted now. No promise: the next command may change it. */
export type JobPlan =
  | {
      readonly kind: "start-now";
      readonly site: string;
      readonly gpuModel: string;
      /** Of an array those of its first task. */
      readonly nodes: readonly NodePlacementView[];
      readonly gpuCount: number;
      /** Of every GPU; 0: not capped. */
      readonly capWatts: number;
      /** The highest cap that its GPUs take; 0: they take none. */
      readonly capHighestWatts: number;
      /** Growth of the bounds of its nodes; of an array for one task. */
      readonly powerReservedWatts: number;
      /** Reserved watts × walltime; of an array for all tasks. */
      readonly energyUpperBound: Energy;
      readonly speedPermille: number;
      /** When its walltime would be over, were the cap never raised. */
      readonly endsByMs: number;
      readonly network: PlannedNetwork;
      /** What it adds at once is more than a ramp ever allows: it passes the limit. */
      readonly beyondRamp: RampStepView | undefined;
    }
  | PlannedLowering
  | PlannedPreemption
  | {
      readonly kind: "waits";
      readonly explanation: Explanation;
      /** The start that would be kept for it; undefined: none would be yet. */
      readonly promised: PlannedPromise | undefined;
    }
  | Rejection;

/**
 * A dry run of the rules themselves: what a submit refuses, then what a placement pass would find,
 * with everything kept that is kept for the jobs ahead. Changes nothing.
 */
export function planJob(
  state: EngineState,
  limits: EngineLimits,
  spec: JobSpec,
  owner: string,
): JobPlan {
  const refused = refusal({ state, limits }, spec, 0);
  if (refused !== undefined) {
    return refused;
  }
  const job = createJob(state.nextJob, owner, spec, state.nowMs);
  job.isReady = isStartAllowed(state, job);
  const found = isEligible(job) ? findStart(state, job, undefined) : undefined;
  const woken = isEligible(job) && found === undefined ? startWoken(state, job) : undefined;
  const answer = startOf(woken) ?? (found && askRamp(state, job, found));
  const isHeldUp = startQuotaBlock(state, job) !== undefined || rampBlock(state, job) !== undefined;
  if (answer?.kind !== "start" || isHeldUp) {
    return (
      (found === undefined ? loweringFor(state, job) : undefined) ??
      (found === undefined ? preemptionFor(state, limits, job) : undefined) ??
      wait(state, job, found === undefined ? promiseFor(state, job) : undefined)
    );
  }
  const { start } = answer;
  const { placement } = start;
  const site = state.sites.get(placement.site);
  return {
    kind: "start-now",
    site: placement.site,
    gpuModel: site?.nodePool[placement.nodes[0] ?? -1]?.gpuModel ?? "",
    nodes: placementView(state, placement),
    gpuCount: placement.nodes.length * spec.gpusPerNode,
    capWatts: placement.capWatts,
    capHighestWatts: site?.nodePool[placement.nodes[0] ?? -1]?.gpuCap?.highestWatts ?? 0,
    powerReservedWatts: toNumber(placement.powerReserved),
    energyUpperBound: energyOfTasks(
      placement.powerReserved,
      milliseconds(start.endsByMs - state.nowMs),
      spec.taskCount,
    ),
    speedPermille: speedPermille(site, placement, spec),
    endsByMs: start.endsByMs,
    network: networkOf(site, placement.nodes),
    beyondRamp: stepBeyondRamp(state, job, start),
  };
}

/** Nodes that are woken and what starts on them have asked the ramps as one step. */
function startOf(woken: Start | undefined): RampAnswer | undefined {
  return woken && { kind: "start", start: woken };
}

/** Its deadline is judged by the start that would be kept for it. */
function wait(state: EngineState, job: Job, promised: PlannedPromise | undefined): JobPlan {
  const explanation = explain(state, job);
  const missed = deadlineMissed(state, job, explanation, promised?.endsByMs);
  const { likelyStart: likely, mayPreempt } = explanation;
  const isSoonest = (likely?.atMs ?? Infinity) < (promised?.startAtMs ?? Infinity);
  const likelyStart = isSoonest ? likely : undefined;
  return {
    kind: "waits",
    explanation: {
      ...explanation,
      likelyStart,
      mayPreempt: isOfUse(mayPreempt, promised) ? mayPreempt : undefined,
      deadlineMissed: missed,
    },
    promised,
  };
}

/** Nobody is stopped for a start that is no sooner than the one that would be kept, or where that comes soon. */
function isOfUse(one: MayPreempt | undefined, promised: PlannedPromise | undefined): boolean {
  const promisedMs = promised?.startAtMs ?? Infinity;
  return (
    one !== undefined && one.startAtMs < promisedMs && promisedMs - one.fromMs > preemptsBeforeMs
  );
}

function speedPermille(
  site: SiteState | undefined,
  { nodes, capWatts }: Placement,
  spec: JobSpec,
): number {
  const pool = site?.nodePool[nodes[0] ?? -1];
  const curve = pool === undefined ? undefined : curveOf(pool, spec.workloadClass);
  return Math.floor((speedUnder(curve, capWatts) * nodes.length * 1_000) / spec.nodeCount);
}

/** Whom a pass would stop for it, or whose caps would fall instead, once a start is kept for it. */
function preemptionFor(
  state: EngineState,
  limits: EngineLimits,
  job: Job,
): PlannedPreemption | PlannedLowering | undefined {
  if (!mayGetMore(state, job) || !asksToPreempt(state, job)) {
    return undefined;
  }
  const promised = startToPromise(state, job);
  const kept = promised && { ...promised, holdsUntilMs: promised.endsByMs + stopGraceMs };
  const plan = planPreemption({ state, limits }, job, kept);
  if (plan === undefined) {
    return undefined;
  }
  return "instead" in plan ? loweringView(job, plan.instead) : preemptionView(job, plan.stops);
}
