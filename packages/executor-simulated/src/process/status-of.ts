import type { SimulatedCluster } from "../cluster/simulated-cluster.ts";
import { type ClusterStatus, protocolVersion } from "./wire.ts";

const violationsInStatusMax = 20;

/** What the process of a cluster says of itself. */
export function statusOf(cluster: SimulatedCluster, incarnation: string): ClusterStatus {
  const { attempts, generation } = cluster.inventory();
  return {
    kind: "status",
    protocol: protocolVersion,
    pid: process.pid,
    incarnation,
    site: cluster.site.id,
    revision: cluster.site.revision,
    generation,
    knownAttemptCount: attempts.length,
    liveAttemptCount: attempts.filter((each) => each.phase !== "ended").length,
    startCount: cluster.startCount,
    startsPerAttemptMax: cluster.startsPerAttemptMax,
    violationCount: cluster.violationCount,
    violations: cluster
      .violations()
      .slice(0, violationsInStatusMax)
      .map(
        ({ kind, attempt, detail }) =>
          `${kind}: job ${attempt.job} task ${attempt.task} attempt ${attempt.attempt}: ${detail}`,
      ),
    drawWatts: cluster.siteDrawWatts(),
    energyMillijoules: cluster.siteMillijoules().toString(),
  };
}
