import {
  type Energy,
  energyOf,
  type Milliseconds,
  milliseconds,
  millijoules,
  toMillijoules,
  type Watts,
  watts,
} from "@ertis/quantities";
import { planOf, type Preemption } from "../../decide/queue/preempt.ts";
import { type PlannedSqueeze, planSqueezeFor } from "../../decide/caps/squeeze.ts";
import { startToPromise } from "../../decide/queue/head.ts";
import type { PlannedStart } from "../../placement/plan-start.ts";
import { promisedHolding } from "../../placement/promised-holdings.ts";
import { isAboveQuota } from "../../placement/quota.ts";
import { curveOf, gangSpeed } from "../../power/shedding/curves.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { isEligible, type Job } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { startQuotaBlock } from "../accounts/start-quota-block.ts";
import { type FabricPlace, fabricPlace } from "./fabric-place.ts";

/** Where its nodes lie in the network of the site. */
export interface PlannedNetwork {
  /** Does the site file describe it? */
  readonly isKnown: boolean;
  /** The smallest switch or NVLink domain that holds them all; undefined: none does. */
  readonly place: FabricPlace | undefined;
}

/** A start that would be kept for it until its moment comes. */
export interface PlannedPromise {
  readonly site: string;
  readonly gpuModel: string;
  /** Paths; which of their GPUs it would get is told by its start. */
  readonly nodes: readonly string[];
  /** Of every GPU; 0: not capped. */
  readonly capWatts: number;
  /** The highest cap that its GPUs take; 0: they take none. */
  readonly capHighestWatts: number;
  /** As if it held these nodes alone, at this cap. */
  readonly powerReservedWatts: number;
  /** Reserved watts × walltime; of an array for all tasks. */
  readonly energyUpperBound: Energy;
  readonly speedPermille: number;
  readonly startAtMs: number;
  /** When its walltime would be over then, were the cap never raised. */
  readonly endsByMs: number;
  readonly network: PlannedNetwork;
}

/** It would start once nodes have lowered caps of others for it: by its moment, and as soon as all have answered. */
export interface PlannedLowering extends PlannedPromise {
  readonly kind: "start-after-lowering";
  readonly lowered: readonly JobNumber[];
  /** False: its moment is no sooner than told, and may be later, as ramps or those who wait before it have it. */
  readonly isPromised: boolean;
}

/** It would start once others have stopped for it, and caps have fallen beside that: when the last is surely gone. */
export interface PlannedPreemption extends PlannedPromise {
  readonly kind: "start-after-preemption";
  readonly preempted: readonly JobNumber[];
  /** Whose caps would fall, too. */
  readonly lowered: readonly JobNumber[];
}

/** Asked where it has no room now: only then a pass keeps a start. */
export function promiseFor(state: EngineState, job: Job): PlannedPromise | undefined {
  const found = mayGetMore(state, job) ? startToPromise(state, job) : undefined;
  return found && viewOf(job, found);
}

/** Asked where it has no room now, before anybody would be stopped for it. */
export function loweringFor(state: EngineState, job: Job): PlannedLowering | undefined {
  const found = mayGetMore(state, job) ? planSqueezeFor(state, job) : undefined;
  return found && loweringView(job, found);
}

export function loweringView(job: Job, found: PlannedSqueeze): PlannedLowering {
  return {
    ...viewOf(job, found),
    kind: "start-after-lowering",
    lowered: found.lowered,
    isPromised: found.isPromised,
  };
}

export function preemptionView(job: Job, found: Preemption): PlannedPreemption {
  return {
    ...viewOf(job, planOf(job, found)),
    kind: "start-after-preemption",
    preempted: rising(found.victims.map((one) => one.job.number)),
    lowered: rising((found.beside?.lowered ?? []).map(({ attempt }) => attempt.job)),
  };
}

/** Each once. */
function rising(jobs: readonly JobNumber[]): readonly JobNumber[] {
  return [...new Set(jobs)].toSorted((a, b) => a - b);
}

/** What a pass has beside room that is there stands open to whom neither the queue nor an account keeps back. */
export function mayGetMore(state: EngineState, job: Job): boolean {
  return isEligible(job) && startQuotaBlock(state, job) === undefined && !isAboveQuota(state, job);
}

function viewOf(job: Job, found: PlannedStart): PlannedPromise {
  const { pool, nodes, capWatts, startAtMs, endsByMs } = found;
  const { site } = pool;
  const { gpusPerNode, taskCount, nodeCount, workloadClass } = job.spec;
  const { reservedWatts } = promisedHolding(site, { nodes, gpusPerNode, capWatts });
  const length = milliseconds(endsByMs - startAtMs);
  const speed = gangSpeed(
    curveOf(pool, workloadClass),
    { capWatts, nodeCount: nodes.length },
    nodeCount,
  );
  return {
    site: site.site.id,
    gpuModel: pool.gpuModel,
    nodes: nodes.map((node) => site.site.nodes[node]?.id ?? ""),
    capWatts,
    capHighestWatts: pool.gpuCap?.highestWatts ?? 0,
    powerReservedWatts: reservedWatts,
    energyUpperBound: energyOfTasks(watts(reservedWatts), length, taskCount),
    speedPermille: Math.floor(speed * 1_000),
    startAtMs,
    endsByMs,
    network: networkOf(site, nodes),
  };
}

export function energyOfTasks(power: Watts, length: Milliseconds, taskCount: number): Energy {
  return millijoules(toMillijoules(energyOf(power, length)) * BigInt(taskCount));
}

export function networkOf(site: SiteState | undefined, nodes: readonly number[]): PlannedNetwork {
  return {
    isKnown: site?.fabric !== undefined,
    place: site && fabricPlace(site, nodes),
  };
}
