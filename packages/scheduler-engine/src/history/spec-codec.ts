import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { known } from "../state/assert.ts";
import {
  type Checkpoint,
  type Dependency,
  type DependencyCondition,
  type FlexibilityTier,
  type JobSpec,
  priorityClasses,
} from "../words/job-spec.ts";
import type { SharedParts, SharedPartsWriter } from "./shared-parts.ts";

/**
 * A spec as one flat list, because logs and snapshots hold millions of them: name, project, nodes,
 * GPUs per node, model, site, walltime ms, priority, flags, begin ms (0: none), tasks, throttle,
 * dependencies (flat pairs), then positions of retry policy, labels and workload among the shared
 * parts; last, unless all of it is the default, how the job bends.
 */
export type EncodedSpec = readonly [
  string,
  string,
  number,
  number,
  string,
  string,
  number,
  number,
  number,
  number,
  number,
  number,
  readonly number[],
  number,
  number,
  number,
  EncodedFlexibility?,
];

/** Only what differs from the default. */
interface EncodedFlexibility {
  readonly nodeCountMin?: number;
  readonly walltimeMinMs?: number;
  readonly tier?: FlexibilityTier;
  readonly workloadClass?: string;
  readonly capMinWatts?: number;
  readonly deadlineMs?: number;
  readonly checkpointMs?: readonly [save: number, restore: number];
}

const isPreemptible = 1;
const isHeld = 2;

const conditions: readonly DependencyCondition[] = ["after-ok", "after-any", "after-not-ok"];
const noDependencies: readonly Dependency[] = [];
const noNumbers: readonly number[] = [];

export function encodeSpec(spec: JobSpec, shared: SharedPartsWriter): EncodedSpec {
  const flexibility = encodeFlexibility(spec);
  const fixed = [
    spec.name,
    spec.project,
    spec.nodeCount,
    spec.gpusPerNode,
    spec.gpuModel,
    spec.site,
    toNumber(spec.walltime),
    priorityClasses.indexOf(spec.priorityClass),
    (spec.preemptible ? isPreemptible : 0) | (spec.isHeld ? isHeld : 0),
    spec.beginAt === undefined ? 0 : toNumber(spec.beginAt),
    spec.taskCount,
    spec.taskThrottle,
    spec.dependencies.length === 0
      ? noNumbers
      : spec.dependencies.flatMap((one) => [one.job, conditions.indexOf(one.condition)]),
    shared.retry.add(spec.retry),
    shared.labels.add(spec.labels),
    shared.workload.add(spec.workload),
  ] as const;
  return flexibility === undefined ? fixed : [...fixed, flexibility];
}

function encodeFlexibility(spec: JobSpec): EncodedFlexibility | undefined {
  const { nodeCountMin, walltimeMin, flexibilityTier, workloadClass, capMin } = spec;
  const { deadline, checkpoint } = spec;
  if (
    nodeCountMin === spec.nodeCount &&
    walltimeMin === spec.walltime &&
    flexibilityTier === 0 &&
    workloadClass === "" &&
    toNumber(capMin) === 0 &&
    deadline === undefined &&
    checkpoint === undefined
  ) {
    return undefined;
  }
  return {
    ...(nodeCountMin === spec.nodeCount ? {} : { nodeCountMin }),
    ...(walltimeMin === spec.walltime ? {} : { walltimeMinMs: toNumber(walltimeMin) }),
    ...(flexibilityTier === 0 ? {} : { tier: flexibilityTier }),
    ...(workloadClass === "" ? {} : { workloadClass }),
    ...(toNumber(capMin) === 0 ? {} : { capMinWatts: toNumber(capMin) }),
    ...(deadline === undefined ? {} : { deadlineMs: toNumber(deadline) }),
    ...(checkpoint === undefined
      ? {}
      : { checkpointMs: [toNumber(checkpoint.save), toNumber(checkpoint.restore)] as const }),
  };
}

/** The other way. `parts` come from the same row or chunk. */
export function decodeSpec(encoded: EncodedSpec, parts: SharedParts): JobSpec {
  const [
    name,
    project,
    nodeCount,
    gpusPerNode,
    gpuModel,
    site,
    walltimeMs,
    priority,
    flags,
    beginMs,
    taskCount,
    taskThrottle,
    dependencies,
    retry,
    labels,
    workload,
    flexibility,
  ] = encoded;
  return {
    name,
    project,
    nodeCount,
    gpusPerNode,
    gpuModel,
    site,
    walltime: milliseconds(walltimeMs),
    nodeCountMin: flexibility?.nodeCountMin ?? nodeCount,
    walltimeMin: milliseconds(flexibility?.walltimeMinMs ?? walltimeMs),
    flexibilityTier: flexibility?.tier ?? 0,
    workloadClass: flexibility?.workloadClass ?? "",
    capMin: watts(flexibility?.capMinWatts ?? 0),
    ...(flexibility?.deadlineMs === undefined ? {} : { deadline: instant(flexibility.deadlineMs) }),
    ...(flexibility?.checkpointMs === undefined
      ? {}
      : { checkpoint: decodeCheckpoint(flexibility.checkpointMs) }),
    priorityClass: known(priorityClasses[priority], "priority class"),
    ...(beginMs === 0 ? {} : { beginAt: instant(beginMs) }),
    preemptible: (flags & isPreemptible) !== 0,
    dependencies: dependencies.length === 0 ? noDependencies : decodeDependencies(dependencies),
    taskCount,
    taskThrottle,
    retry: known(parts.retries[retry], "retry policy"),
    labels: known(parts.labels[labels], "labels"),
    isHeld: (flags & isHeld) !== 0,
    workload: known(parts.workloads[workload], "workload"),
  };
}

function decodeCheckpoint([save, restore]: readonly [number, number]): Checkpoint {
  return { save: milliseconds(save), restore: milliseconds(restore) };
}

function decodeDependencies(pairs: readonly number[]): readonly Dependency[] {
  const dependencies: Dependency[] = [];
  for (let index = 0; index < pairs.length; index += 2) {
    dependencies.push({
      job: pairs[index] ?? 0,
      condition: known(conditions[pairs[index + 1] ?? -1], "dependency condition"),
    });
  }
  return dependencies;
}
