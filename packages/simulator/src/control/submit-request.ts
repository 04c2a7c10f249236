import { instant, milliseconds, watts } from "@ertis/quantities";
import type { JobSpec, Workload } from "@ertis/scheduler-engine";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import type { Request } from "./controller.ts";

const workload: Workload = {
  image: "registry.local/trace",
  command: [],
  args: [],
  script: "",
  environment: {},
  workingDirectory: "",
};
const retry: JobSpec["retry"] = { maxRetries: 0, categories: [] };
const labels: JobSpec["labels"] = {};

/** The submit of one job, as its owner would send it. */
export function submitRequest(job: SimulatedJob, seed: number): Request {
  return {
    kind: "submit-jobs",
    owner: job.owner,
    items: [{ requestId: requestIdOf(seed, job.index), bodyHash: job.index, spec: specOf(job) }],
  };
}

function specOf(job: SimulatedJob): JobSpec {
  return {
    name: job.name,
    project: job.owner,
    nodeCount: job.nodeCount,
    nodeCountMin: job.nodeCountMin,
    gpusPerNode: job.gpusPerNode,
    gpuModel: job.gpuModel,
    site: "",
    walltime: milliseconds(job.walltimeMs),
    walltimeMin: milliseconds(job.walltimeMinMs),
    flexibilityTier: job.flexibilityTier,
    workloadClass: job.workloadClass,
    capMin: watts(job.capMinWatts),
    ...(job.deadlineAtMs === undefined ? {} : { deadline: instant(job.deadlineAtMs) }),
    ...(job.checkpoint === undefined
      ? {}
      : {
          checkpoint: {
            save: milliseconds(job.checkpoint.saveMs),
            restore: milliseconds(job.checkpoint.restoreMs),
          },
        }),
    priorityClass: job.priorityClass,
    preemptible: job.isPreemptible,
    dependencies: [],
    taskCount: 1,
    taskThrottle: 0,
    retry,
    labels,
    isHeld: false,
    workload,
  };
}

/** A UUID (version 8: made by a rule of our own) that belongs to the seed and the job. */
function requestIdOf(seed: number, index: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
  return `${hex(seed >>> 0, 8)}-0000-8000-8000-${hex(index, 12)}`;
}

/** The position of a job stands in the last part of its request id. */
export function indexOf(requestId: string): number {
  return Number.parseInt(requestId.slice(-12), 16);
}
