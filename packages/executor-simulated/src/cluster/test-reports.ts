import type { Observation } from "@ertis/scheduler-engine";
import type { SimulatedCluster } from "./simulated-cluster.ts";

/** All that is not acknowledged. */
export function allReports(cluster: SimulatedCluster): readonly Observation[] {
  return cluster.observations(0, Number.MAX_SAFE_INTEGER).map((item) => item.observation);
}

/** Takes the pending reports as a scheduler does. */
export function takeReports(cluster: SimulatedCluster): readonly Observation[] {
  const pending = cluster.observations(0, Number.MAX_SAFE_INTEGER);
  cluster.acknowledge(pending.at(-1)?.sequence ?? 0);
  return pending.map((item) => item.observation);
}
