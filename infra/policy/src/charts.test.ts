import {
  addonsOf,
  addonValues,
  clusterManifests,
  inventoryManifests,
  managementManifests,
  platformManifests,
  queueManifests,
  registeredClusterManifests,
  schedulerManifests,
  siteChart,
} from "@ertis/charts";
import type { AddonPlace, AddonProject, Manifest } from "@ertis/charts";
import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { loadPlans, loadSiteTexts } from "@ertis/provisioning-model/load";
import { expect, test } from "vitest";
import { toFacts } from "./facts.ts";
import { helmReleaseType, rootType } from "./resource.ts";
import type { Resource } from "./resource.ts";
import { rules } from "./rules/index.ts";
import { kubernetesObject, resourceOf } from "./test-resources.ts";

// What the programs write, through every rule, with the site files of this repository.

const plans = readPlans();

function readPlans(): readonly SitePlan[] {
  const loaded = loadPlans();
  if (loaded.kind === "errors") {
    throw new Error(loaded.errors.map(({ file, message }) => `${file}: ${message}`).join("\n"));
  }
  return loaded.plans;
}

function toResource(manifest: Manifest): Resource {
  return kubernetesObject(manifest, { isProtected: true });
}

function releases(project: AddonProject, place: AddonPlace): readonly Resource[] {
  return addonsOf(project).map((addon) =>
    resourceOf(helmReleaseType, addon.name, {
      inputs: {
        chart: siteChart(place.registry, addon.chart.name),
        version: addon.version.version,
        namespace: addon.namespace,
        values: addonValues(addon, place),
      },
    }),
  );
}

function judge(project: string, stack: string, objects: readonly Resource[]): readonly string[] {
  const facts = toFacts({ project, stack, config: new Map() });
  const all = [resourceOf(rootType, `${project}-${stack}`), ...objects];
  return rules.flatMap((rule) => {
    const messages =
      rule.kind === "resource"
        ? all.flatMap((resource) => rule.check(resource, facts))
        : rule.check(all, facts);
    return messages.map((message) => `${project} ${rule.name}: ${message}`);
  });
}

/** One built hall of each kind, and one that comes later. */
const halls = plans
  .filter(({ mode }) => mode === "provisioned")
  .flatMap((plan) => {
    const built = new Map(
      plan.clusters
        .filter(({ isBuilt }) => isBuilt)
        .map((cluster) => [cluster.nodeClasses.map(({ name }) => name).join(), cluster]),
    );
    const future = plan.clusters.find(({ isBuilt }) => !isBuilt);
    const chosen = [...built.values(), ...(future === undefined ? [] : [future])];
    return chosen.map((cluster) => ({ name: cluster.name, plan, cluster }));
  });

function judgeHall(plan: SitePlan, cluster: ClusterPlan): readonly string[] {
  const place = { registry: plan.registry, hall: { plan, cluster }, plans };
  const { name } = cluster;
  const machines = clusterManifests(plan, cluster, { infrastructure: "metal3" });
  return [
    ...judge("inventory", name, inventoryManifests(plan, cluster).map(toResource)),
    ...judge("clusters", name, machines.map(toResource)),
    ...judge("platform", name, [
      ...platformManifests(plan, cluster).map(toResource),
      ...releases("platform", place),
    ]),
    ...judge("queues", name, [
      ...queueManifests(plan, cluster).map(toResource),
      ...releases("queues", place),
    ]),
  ];
}

test.each(halls)("the stacks of $name pass every rule", ({ plan, cluster }) => {
  expect(judgeHall(plan, cluster)).toEqual([]);
});

test.each(plans.filter(({ mode }) => mode === "registered"))(
  "the stacks of the registered $site.id pass every rule",
  (plan) => {
    const [cluster] = plan.clusters;
    const { id } = plan.site;
    expect([
      ...judge("clusters", id, registeredClusterManifests(plan).map(toResource)),
      ...judge("queues", id, queueManifests(plan, cluster).map(toResource)),
    ]).toEqual([]);
  },
);

test("the management stack passes every rule", () => {
  const registry = plans[0]?.registry ?? "";
  const objects = [
    ...managementManifests(plans).map(toResource),
    ...releases("management", { registry, hall: undefined, plans }),
  ];
  expect(judge("management", "main", objects)).toEqual([]);
});

test("the scheduler's stack passes every rule", () => {
  expect(
    judge(
      "scheduler",
      "main",
      schedulerManifests(plans, { siteTexts: loadSiteTexts(plans) }).map(toResource),
    ),
  ).toEqual([]);
});

test("unprotected, they would not: the rules see these objects", () => {
  const [hall] = halls;
  if (hall === undefined) {
    throw new Error("the site files have a hall");
  }
  const hosts = inventoryManifests(hall.plan, hall.cluster);
  const messages = judge(
    "inventory",
    hall.name,
    hosts.map((one) => kubernetesObject(one)),
  );
  // Every host, and the namespace they lie in.
  expect(messages).toHaveLength(hall.cluster.hosts.length + 1);
  expect(messages.every((message) => message.startsWith("inventory protection: "))).toBe(true);
});
