import { milliseconds, watts } from "@ertis/quantities";
import type { JobSpec } from "@ertis/scheduler-engine";

/** A job as simple as they come: one node with eight GPUs for an hour. Tests say what differs. */
const plainSpec: JobSpec = {
  name: "train",
  project: "language",
  nodeCount: 1,
  nodeCountMin: 1,
  gpusPerNode: 8,
  gpuModel: "",
  site: "",
  walltime: milliseconds(3_600_000),
  walltimeMin: milliseconds(3_600_000),
  flexibilityTier: 0,
  workloadClass: "",
  capMin: watts(0),
  priorityClass: "normal",
  preemptible: false,
  dependencies: [],
  taskCount: 1,
  taskThrottle: 0,
  retry: { maxRetries: 0, categories: [] },
  labels: {},
  isHeld: false,
  workload: {
    image: "registry.local/train",
    command: [],
    args: [],
    script: "",
    environment: {},
    workingDirectory: "",
  },
};

/** The plain job with changes; it bends only where they say so. */
export function plainSpecWith(changes: Partial<JobSpec>): JobSpec {
  const changed = { ...plainSpec, ...changes };
  return {
    ...changed,
    nodeCountMin: changes.nodeCountMin ?? changed.nodeCount,
    walltimeMin: changes.walltimeMin ?? changed.walltime,
  };
}
