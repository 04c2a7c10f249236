import type { SitePlan } from "@ertis/provisioning-model";
import { provisioningBase, replaced, smallPlan as planOf } from "@ertis/provisioning-model/testing";
import type { Facts } from "./facts.ts";

/**
 * Two halls of three rows on a feed each; the second hall is not built. Every rack has two nodes of
 * 10.2 kW, so a hall has 61.2 kW at nameplate and 15 kW idle.
 */
const siteText: string = `site: small
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

/** The plan of the small site, with the first `find` of its site file replaced. */
export function smallPlan(find = "", replacement = ""): SitePlan {
  return planOf({ site: replaced(siteText, find, replacement), provisioning: provisioningBase });
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
