import { milliseconds } from "@ertis/quantities";
import type { JobSpec } from "@ertis/scheduler-engine";

/** A job as simple as they come: one node with eight GPUs for an hour. Tests say what differs. */
export const plainSpec: JobSpec = {
  name: "train",
  project: "language",
  nodeCount: 1,
  gpusPerNode: 8,
  gpuModel: "",
  site: "",
  walltime: milliseconds(3_600_000),
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
