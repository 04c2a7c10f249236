import type { HealthCheck } from "@ertis/charts";
import type { KubernetesObject } from "../kubernetes/api-client.ts";
import { toRecord } from "../recovery/state-export.ts";

export interface WorkloadHealth {
  readonly isHealthy: boolean;
  /** What was seen: `2 of 3 ready`. */
  readonly seen: string;
}

/** Whether all pods of a workload are ready, and of the newest description of it. */
export function workloadHealth(
  kind: HealthCheck["kind"],
  object: KubernetesObject,
): WorkloadHealth {
  const spec = toRecord(object["spec"]);
  const status = toRecord(object["status"]);
  if (numberIn(status, "observedGeneration", 0) < (object.metadata.generation ?? 0)) {
    return { isHealthy: false, seen: "its controller has not seen the last change yet" };
  }
  const isDaemonSet = kind === "DaemonSet";
  const wantedCount = isDaemonSet
    ? numberIn(status, "desiredNumberScheduled", 0)
    : numberIn(spec, "replicas", 1);
  const readyCount = numberIn(status, isDaemonSet ? "numberReady" : "readyReplicas", 0);
  const updatedCount = numberIn(
    status,
    isDaemonSet ? "updatedNumberScheduled" : "updatedReplicas",
    0,
  );
  const isUpdated = updatedCount >= wantedCount;
  return {
    isHealthy: readyCount >= wantedCount && isUpdated,
    seen: `${readyCount} of ${wantedCount} ready${isUpdated ? "" : `, ${updatedCount} up to date`}`,
  };
}

function numberIn(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  otherwise: number,
): number {
  const value = fields[name];
  return typeof value === "number" ? value : otherwise;
}
