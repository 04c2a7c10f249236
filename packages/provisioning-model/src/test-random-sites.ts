/** Sites of random shape, and random jobs that fill them up to their quotas. */
import { toNumber } from "@ertis/quantities";
import { parsePlans } from "./parse-plans.ts";
import type { ClusterPlan, SitePlan, WattQuota } from "./plan.ts";
import { siteShares } from "./site-shares.ts";
import { itemAt, provisioningText, replaced, smallFiles } from "./test-sites.ts";
import { wattQuota } from "./watt-quota.ts";

export interface Shape {
  readonly [key: string]: number | string;
}

export function randomFiles(shape: Shape): ReturnType<typeof parsePlans> {
  const site = `site: small
title: Random
nodeClasses:
  h100-8: {gpuModel: H100, gpuCount: 8, idle: 2.5 kW, peak: 10.2 kW, partUse: share, source: assumption}
  tray: {gpuModel: GB200, gpuCount: ${shape["gpuCount"]}, idle: 1 kW, peak: 6.67 kW, partUse: ${shape["partUse"]}, source: assumption}
phases: [{name: first, built: true}, {name: second, built: false}]
templates:
  rack-a: {kind: rack, limit: ${shape["rackKilowatts"]} kW, nodes: 2 × h100-8, source: assumption}
  rack-b: {kind: rack, limit: ${shape["rackKilowatts"]} kW, fixed: 3 kW, nodes: 4 × tray, source: assumption}
  row-a: {kind: row, limit: ${shape["rowKilowatts"]} kW, derating: ${shape["derating"]}, networkPerNode: 930 W, loadFactor: ${shape["rowFactor"]}, racks: 4 × rack-a, source: assumption}
  row-b: {kind: row, limit: ${shape["rowKilowatts"]} kW, racks: 3 × rack-b, source: assumption}
  hall-a: {kind: hall, supplies: 2 × ${shape["hallKilowatts"]} kW, redundancy: ${shape["redundancy"]}, loadFactor: ${shape["hallFactor"]}, fixed: 7 kW, rows: 3 × row-a, source: assumption}
  hall-b: {kind: hall, supplies: 2 × ${shape["hallKilowatts"]} kW, redundancy: ${shape["redundancy"]}, fixed: 5 kW, rows: [${shape["trayRows"]} × row-b, {names: row-7..row-8, template: row-a}], source: assumption}
  substation: {kind: substation, limit: ${shape["substationKilowatts"]} kW, loadFactor: ${shape["substationFactor"]}, fixed: 11 kW, source: assumption, halls: [{name: hall-1, template: hall-a}, {name: hall-2, template: hall-b}, {name: hall-3, template: hall-a, phase: second}]}
feed:
  limit: ${shape["feedKilowatts"]} kW
  fixed: 13 kW
  source: assumption
  substations: [{name: substation-1, template: substation}, {name: substation-2, template: substation, phase: second}]
`
    .replace("[3 × row-b, {", "[{names: row-1..row-3, template: row-b}, {")
    .replace("[2 × row-b, {", "[{names: row-1..row-2, template: row-b}, {")
    .replace("[1 × row-b, {", "[{name: row-1, template: row-b}, {");
  const provisioning = replaced(
    provisioningText.replaceAll("/20, prefixPerHall: 24", "/20, prefixPerHall: 23"),
    provisioningText.slice(provisioningText.indexOf("clusters:")),
    "",
  ).replace("10.32.0.0/12, prefixPerHall: 16", "10.32.0.0/12, prefixPerHall: 15");
  return parsePlans([smallFiles({ site, provisioning })]);
}

/** A job takes GPUs of one node; what it draws by the site model, and what it counts. */
export interface Job {
  readonly nodeIndex: number;
  readonly rangeWatts: number;
  readonly countedHallWatts: number;
  readonly countedSiteWatts: number;
}

/** Jobs of all GPUs of a hall, in random sizes; nodes of whole use are taken whole. */
function jobsOf(
  plan: SitePlan,
  cluster: ClusterPlan,
  quota: WattQuota,
  sizes: readonly number[],
): readonly Job[] {
  const { site } = plan;
  const jobs: Job[] = [];
  for (const { id, index, classIndex } of site.nodes) {
    const { gpuCount, name } = itemAt(site.nodeClasses, classIndex);
    const factor = quota.perGpu.find(({ nodeClass }) => nodeClass.name === name);
    if (!id.startsWith(`${cluster.hall.id}/`) || factor === undefined) {
      continue;
    }
    const { idleWatts, peakWatts } = factor.nodeClass;
    const rangeWatts = toNumber(peakWatts) - toNumber(idleWatts);
    const size = factor.isWholeNode ? gpuCount : (sizes[index % sizes.length] ?? 1);
    for (let taken = 0; taken < gpuCount; taken += size) {
      const gpus = Math.min(size, gpuCount - taken);
      jobs.push({
        nodeIndex: index,
        // What a node may draw with part of its GPUs, rounded up so that the check is the stricter one.
        rangeWatts: Math.ceil((rangeWatts * gpus) / gpuCount),
        countedHallWatts: gpus * factor.hallWatts,
        countedSiteWatts: gpus * factor.siteWatts,
      });
    }
  }
  return jobs;
}

function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  let state = seed >>> 0;
  return items
    .map((item) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return { item, state };
    })
    .toSorted((a, b) => a.state - b.state)
    .map(({ item }) => item);
}

export interface Fill {
  readonly sizes: readonly number[];
  readonly seed: number;
}

/** Starts every job that quotas leave room for, in random order. Draw by node. */
export function fillUp(
  plan: SitePlan,
  clusters: readonly ClusterPlan[],
  how: Fill,
): ReadonlyMap<number, number> {
  const draws = new Map<number, number>();
  const shares = siteShares(
    plan,
    clusters.map(({ name }) => name),
  );
  for (const cluster of clusters) {
    const quota = wattQuota(plan, cluster);
    let hallLeftWatts = quota.hallWatts;
    let siteLeftWatts = shares.find((share) => share.cluster === cluster)?.siteWatts ?? 0;
    for (const job of shuffled(jobsOf(plan, cluster, quota, how.sizes), how.seed)) {
      if (job.countedHallWatts <= hallLeftWatts && job.countedSiteWatts <= siteLeftWatts) {
        hallLeftWatts -= job.countedHallWatts;
        siteLeftWatts -= job.countedSiteWatts;
        draws.set(job.nodeIndex, (draws.get(job.nodeIndex) ?? 0) + job.rangeWatts);
      }
    }
  }
  return draws;
}
