import { toNumber } from "@ertis/quantities";
import type { AttemptKey, AttemptOutcome, Placement } from "@ertis/scheduler-engine";
import type { DesiredAttempt } from "@ertis/scheduler-runtime";
import { type AttemptPlan, planAttempt } from "./attempt-plan.ts";
import type { AttemptRecord } from "./attempt-record.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { countBits, type Tenancy } from "./tenancy.ts";

/** The record of an attempt that begins now, and what it will do. */
export function startedRecord(
  { seed, physics, nowMs }: ClusterContext,
  wish: DesiredAttempt,
): { readonly record: AttemptRecord; readonly plan: AttemptPlan } {
  const plan = planAttempt(seed, physics, wish.attempt, {
    workMs: toNumber(wish.work),
    workDoneMs: toNumber(wish.workDone),
    environment: wish.workload.environment,
  });
  const record = newRecord(wish.attempt, {
    plan,
    tenancies: newTenancies(wish.placement, plan, nowMs),
    graceMs: toNumber(wish.grace),
    workloadClass: wish.workloadClass,
    capWatts: wish.placement.capWatts,
    capOrder: 0,
  });
  return { record, plan };
}

/** The record of an attempt that is over and holds nothing, because it never began here. */
export function unstartedRecord(key: AttemptKey, outcome: AttemptOutcome): AttemptRecord {
  const record = newRecord(key, {
    plan: undefined,
    tenancies: [],
    graceMs: 0,
    workloadClass: "",
    capWatts: 0,
    capOrder: 0,
  });
  record.phase = "ended";
  record.outcome = outcome;
  return record;
}

function newRecord(
  key: AttemptKey,
  parts: Pick<
    AttemptRecord,
    "plan" | "tenancies" | "graceMs" | "workloadClass" | "capWatts" | "capOrder"
  >,
): AttemptRecord {
  return {
    key: { job: key.job, task: key.task, attempt: key.attempt },
    ...parts,
    workLeftMs: parts.plan?.runtimeMs ?? 0,
    workAtMs: 0,
    speed: 1,
    savesWork: false,
    phase: "starting",
    exitAtMs: undefined,
    outcome: undefined,
    energyJoules: 0,
    reportedSequence: 0,
    isOrphan: false,
  };
}

function newTenancies(placement: Placement, plan: AttemptPlan, nowMs: number): readonly Tenancy[] {
  return placement.nodes.map((node, position) => {
    const gpuMask = placement.gpuMasks[position] ?? 0;
    return {
      node,
      gpuMask,
      gpuCount: countBits(gpuMask),
      capWatts: placement.capWatts,
      drawPermille: plan.drawPermille,
      noiseLane: plan.noiseLane,
      heldFromMs: nowMs,
      releasedMs: undefined,
      isDrawing: false,
      settledMs: nowMs,
      settledMillijoules: 0n,
      meteredMillijoules: 0,
    };
  });
}
