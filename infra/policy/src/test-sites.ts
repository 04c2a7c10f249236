import { parsePlans } from "@ertis/provisioning-model";
import type { SitePlan } from "@ertis/provisioning-model";
import type { Facts } from "./facts.ts";

/**
 * Two halls of three rows on a feed each; the second hall is not built. Every rack has two nodes of
 * 10.2 kW, so a hall has 61.2 kW at nameplate and 15 kW idle.
 */
export const siteText: string = `site: small
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
  - {name: second, built: false}
templates:
  rack-a:
    kind: rack
    limit: 25 kW
    nodes: 2 × h100-8
    source: assumption
  row-a:
    kind: row
    limit: 30 kW
    racks: 1 × rack-a
    source: assumption
  hall-a:
    kind: hall
    limit: 70 kW
    fixed: 2 kW
    rows: 3 × row-a
    source: assumption
feed:
  limit: 300 kW
  source: assumption
  substations:
    - name: substation-1
      limit: 250 kW
      loadFactor: 1.25
      fixed: 1 kW
      source: assumption
      halls:
        - {name: hall-1, phase: first, template: hall-a}
        - {name: hall-2, phase: second, template: hall-a}
`;

const provisioningText = `site: small
mode: provisioned
registry: registry.small.ertis.kz
allowedDomains: [.ertis.kz]
kubernetesVersion: 1.35.6
hostImage:
  url: https://images.small.ertis.kz/ubuntu.raw
  sha256: f83015eb4b9dae3f4671425360c7b011288ac1fcd4d0bfce4ceead766a635855
  source: assumption
networks:
  bmc: {block: 10.161.0.0/16, prefixPerHall: 22}
  hosts: {block: 10.160.0.0/16, prefixPerHall: 22}
  pods: {block: 10.0.0.0/9, prefixPerHall: 15}
  services: {block: 10.164.0.0/14, prefixPerHall: 20}
  source: assumption
rootDevices:
  management: {minSizeGigabytes: 400, rotational: false}
  gpu: {minSizeGigabytes: 800, rotational: false}
  source: assumption
halls:
  - controlPlaneHosts: 3
    storageHosts: 3
    rowsPerFeed: 1
    source: assumption
`;

/** The plan of the small site, with the first `find` of its site file replaced. */
export function smallPlan(find = "", replacement = ""): SitePlan {
  const site = replaceOnce(siteText, find, replacement);
  const parsed = parsePlans([
    {
      siteFile: { file: "infra/sites/small.yaml", text: site },
      provisioningFile: { file: "infra/sites/provisioning/small.yaml", text: provisioningText },
      deliveries: [],
    },
  ]);
  if (parsed.kind === "errors") {
    throw new Error(parsed.errors.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  }
  const [plan] = parsed.plans;
  if (plan === undefined) {
    throw new Error("the small site has no plan");
  }
  return plan;
}

function replaceOnce(text: string, find: string, replacement: string): string {
  if (!text.includes(find)) {
    throw new Error(`the small site has no ${JSON.stringify(find)}`);
  }
  return text.replace(find, replacement);
}

/** Facts of a stack of the small site: of its first hall unless another is named. */
export function smallFacts(changes: Partial<Facts> = {}): Facts {
  const plan = changes.plan ?? smallPlan();
  const stack = changes.stack ?? "small-s1-h1";
  return {
    project: "clusters",
    profile: "production",
    plans: [plan],
    mistakes: [],
    cluster: plan.clusters.find(({ name }) => name === stack),
    ...changes,
    plan,
    stack,
  };
}
