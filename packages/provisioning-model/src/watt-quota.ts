import type { NodeClass, PowerDomain, Site } from "@ertis/site-model";
import { toNumber } from "@ertis/quantities";
import { gpuWatts, headroomWatts } from "./hall-loads.ts";
import { gpuResourceName } from "./names.ts";
import type { ClusterPlan, GpuFactor, SitePlan, WattQuota } from "./plan.ts";
import { ceilDivide, multiplierTo } from "./power-loads.ts";
import { siteShares } from "./site-shares.ts";

/**
 * The watts that jobs of a cluster may add, and what each GPU counts. It follows from the site file
 * alone: hosts in repair and those that a local profile leaves out count as idle nodes. A hall that is
 * not built gets the share it would have beside the built ones.
 */
export function wattQuota(plan: SitePlan, cluster: ClusterPlan): WattQuota {
  const { site } = plan;
  const shares = siteShares(plan, [cluster.name]);
  const share = shares.find((one) => one.cluster.name === cluster.name);
  return {
    hallWatts: Number(headroomWatts(site, cluster.hall)),
    siteWatts: share?.siteWatts ?? 0,
    perGpu: cluster.nodeClasses.map((nodeClass) => factorOf(site, cluster.hall, nodeClass)),
  };
}

function factorOf(site: Site, hall: PowerDomain, nodeClass: NodeClass): GpuFactor {
  return {
    nodeClass,
    resourceName: gpuResourceName(nodeClass.gpuModel),
    isWholeNode: nodeClass.partUse === "peak" && nodeClass.gpuCount > 1,
    hallWatts: Number(gpuWatts(nodeClass)),
    siteWatts: Number(gpuWattsAtFeed(site, hall, nodeClass)),
  };
}

/** The same at the feed: the largest product of load factors above any node of the class in the hall. */
function gpuWattsAtFeed(site: Site, hall: PowerDomain, nodeClass: NodeClass): bigint {
  const classIndex = site.nodeClasses.indexOf(nodeClass);
  const inHall = `${hall.id}/`;
  const domains = new Set(
    site.nodes
      .filter((node) => node.classIndex === classIndex && node.id.startsWith(inHall))
      .map(({ domainIndex }) => domainIndex),
  );
  let most = 0n;
  for (const index of domains) {
    const scaled = BigInt(site.domains[index]?.nodeMultiplier ?? 0) * multiplierTo(site, index, 0);
    most = scaled > most ? scaled : most;
  }
  const rangeWatts = BigInt(toNumber(nodeClass.peakWatts) - toNumber(nodeClass.idleWatts));
  const scale = BigInt(site.domains[0]?.loadScale ?? 1) * BigInt(nodeClass.gpuCount);
  return ceilDivide(rangeWatts * most, scale);
}
