import type { NodeClass } from "@ertis/site-model";
import type { ClusterPlan, Host, SitePlan } from "./plan.ts";
import { makeUpOf, sampleHalls } from "./sample-halls.ts";

/**
 * The same site with so many GPU hosts in its sample halls, or as many as there are: spread evenly over
 * these halls, in a hall over power feeds, then rows, then racks, always the same ones. Management hosts
 * stay. Any other hall gets as many as the sample hall of its make-up, else as the first, so that it can be
 * looked at alike. Power figures do not change: they follow from the site file.
 */
export function limitHosts(plan: SitePlan, gpuHostCount: number): SitePlan {
  const samples = sampleHalls(plan);
  const counts = sharesOf(
    samples.map(({ hosts }) => hosts.filter(isGpuHost).length),
    gpuHostCount,
  );
  const countOf = new Map(samples.map((hall, index) => [makeUpOf(hall), counts[index] ?? 0]));
  return {
    ...plan,
    clusters: plan.clusters.map((cluster) =>
      limitCluster(cluster, countOf.get(makeUpOf(cluster)) ?? counts[0] ?? gpuHostCount),
    ),
  };
}

function isGpuHost({ role }: Host): boolean {
  return role === "gpu";
}

/** Deals out one by one, to each in turn that has room. */
function sharesOf(roomCounts: readonly number[], wantedCount: number): readonly number[] {
  const shares = roomCounts.map(() => 0);
  let left = Math.max(0, Math.floor(wantedCount));
  let hasRoom = true;
  while (left > 0 && hasRoom) {
    hasRoom = false;
    for (const [index, roomCount] of roomCounts.entries()) {
      const share = shares[index] ?? 0;
      if (left > 0 && share < roomCount) {
        shares[index] = share + 1;
        left -= 1;
        hasRoom = true;
      }
    }
  }
  return shares;
}

function limitCluster(cluster: ClusterPlan, gpuHostCount: number): ClusterPlan {
  const chosen = new Set(spread(cluster.hosts.filter(isGpuHost)).slice(0, gpuHostCount));
  const hosts = cluster.hosts.filter((host) => !isGpuHost(host) || chosen.has(host));
  return { ...cluster, hosts, nodeClasses: classesOfHosts(hosts, cluster.nodeClasses) };
}

function classesOfHosts(
  hosts: readonly Host[],
  nodeClasses: readonly NodeClass[],
): readonly NodeClass[] {
  const count = (nodeClass: NodeClass): number =>
    hosts.filter((host) => host.nodeClass?.name === nodeClass.name).length;
  return nodeClasses
    .filter((nodeClass) => count(nodeClass) > 0)
    .toSorted((a, b) => count(b) - count(a));
}

/** One of each feed in turn; within a feed one of each row, within a row one of each rack. */
function spread(hosts: readonly Host[]): readonly Host[] {
  const keys: readonly ((host: Host) => string)[] = [
    ({ powerFeed }) => powerFeed,
    ({ rowIndex }) => String(rowIndex),
    ({ rackIndex }) => String(rackIndex),
  ];
  return interleave(hosts, keys);
}

function interleave(
  hosts: readonly Host[],
  [key, ...rest]: readonly ((host: Host) => string)[],
): readonly Host[] {
  if (key === undefined) {
    return hosts;
  }
  const groups = [...Map.groupBy(hosts, key).values()].map((group) => interleave(group, rest));
  const longest = groups.reduce((most, { length }) => Math.max(most, length), 0);
  return Array.from({ length: longest }, (_, turn) => groups.map((group) => group[turn]))
    .flat()
    .filter((host) => host !== undefined);
}
