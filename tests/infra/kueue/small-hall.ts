import { type ClusterPlan, parsePlans, type SitePlan } from "@ertis/provisioning-model";

/** A hall of twelve nodes whose watts end before its GPUs do. */
export interface SmallHall {
  readonly plan: SitePlan;
  readonly cluster: ClusterPlan;
}

/**
 * The site with UPS modules of the given size, of which one of three is spare. Two modules carry
 * 43,160 W without jobs: 12 idle nodes of 2.5 kW with 930 W of network each, and 2 kW of the hall.
 */
export function smallHall(moduleKilowatts: number): SmallHall {
  const parsed = parsePlans([
    {
      siteFile: { file: "infra/sites/small.yaml", text: siteText(moduleKilowatts) },
      provisioningFile: { file: "infra/sites/provisioning/small.yaml", text: provisioningText },
      deliveries: [],
    },
  ]);
  if (parsed.kind === "errors") {
    throw new Error(parsed.errors.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  }
  const [plan] = parsed.plans;
  const [cluster] = plan?.clusters ?? [];
  if (plan === undefined || cluster === undefined) {
    throw new Error("the small site has no hall");
  }
  return { plan, cluster };
}

function siteText(moduleKilowatts: number): string {
  return `site: small
title: A small site
nodeClasses:
  h100-8:
    gpuModel: H100-SXM-80GB
    gpuCount: 8
    idle: 2.5 kW
    peak: 10.2 kW
    partUse: share
    source: assumption
phases:
  - {name: first, built: true}
templates:
  rack-a:
    kind: rack
    supplies: 2 × 25 kW
    redundancy: 2N
    nodes: 2 × h100-8
    source: assumption
  row-a:
    kind: row
    supplies: 2 × 60 kW
    redundancy: 2N
    derating: 0.8
    networkPerNode: 930 W
    racks: 2 × rack-a
    source: assumption
feed:
  limit: 1 MW
  fixed: 5 kW
  source: assumption
  substations:
    - name: substation-1
      supplies: 3 × 250 kW
      redundancy: N+1
      loadFactor: 1.25
      fixed: 1 kW
      source: assumption
      halls:
        - name: hall-1
          phase: first
          supplies: 3 × ${moduleKilowatts} kW
          redundancy: N+1
          fixed: 2 kW
          rows: 3 × row-a
          source: assumption
`;
}

const provisioningText = `site: small
mode: provisioned
registry: registry.small.ertis.kz
allowedDomains: [.ertis.kz]
kubernetesVersion: 1.35.6
hostImage:
  url: https://images.small.ertis.kz/node.raw
  sha256: ${"5e".repeat(32)}
  source: assumption
networks:
  bmc: {block: 10.10.0.0/20, prefixPerHall: 24}
  hosts: {block: 10.20.0.0/20, prefixPerHall: 24}
  pods: {block: 10.32.0.0/12, prefixPerHall: 16}
  services: {block: 10.64.0.0/16, prefixPerHall: 20}
  source: assumption
rootDevices:
  management: {minSizeGigabytes: 400, rotational: false}
  gpu: {minSizeGigabytes: 800, rotational: false}
  source: assumption
halls:
  - {controlPlaneHosts: 3, storageHosts: 2, rowsPerFeed: 1, source: assumption}
oversubscription:
  - {kind: hall, ratio: 2, source: assumption}
hostStates:
  small-s1-h1-r3-k2-n2: burn-in
`;
