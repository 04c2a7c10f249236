import {
  addonsOf,
  clusterManifests,
  inventoryManifests,
  type Manifest,
  managementManifests,
  platformManifests,
  queueManifests,
  registeredClusterManifests,
  schedulerManifests,
} from "@ertis/charts";
import type { SitePlan } from "@ertis/provisioning-model";
import { loadPlans, loadSiteTexts } from "@ertis/provisioning-model/load";
import { expect, test } from "vitest";
import { kindWithGroup } from "./manifest-key.ts";
import { projectNames, type ProjectName } from "@ertis/provisioning-model";
import { stackTargets } from "./stack-target.ts";
import type { StackTarget } from "./stack-target.ts";
import { waits } from "./waits.ts";

/** The state on files is written anew at each step, so time grows with the square of this. */
const maxResourceCount = 1_500;
/** The stack itself, two providers, the Secret with the kubeconfig, the set. */
const fixedCount = 5;

const plans = readPlans();

function readPlans(): readonly SitePlan[] {
  const loaded = loadPlans();
  if (loaded.kind === "errors") {
    throw new Error(loaded.errors.map(({ message }) => message).join("\n"));
  }
  return loaded.plans;
}

function manifestsOf(project: ProjectName, target: StackTarget): readonly Manifest[] {
  if (target.kind === "main") {
    return project === "management"
      ? managementManifests(plans)
      : schedulerManifests(plans, { siteTexts: loadSiteTexts(plans) });
  }
  const { plan } = target;
  if (target.kind === "registered") {
    return project === "clusters"
      ? registeredClusterManifests(plan)
      : queueManifests(plan, undefined);
  }
  const { cluster } = target;
  switch (project) {
    case "inventory":
      return inventoryManifests(plan, cluster);
    case "clusters":
      return clusterManifests(plan, cluster, { infrastructure: "metal3" });
    case "platform":
      return platformManifests(plan, cluster);
    default:
      return queueManifests(plan, cluster);
  }
}

function addonCount(project: ProjectName): number {
  return project === "inventory" || project === "clusters" ? 0 : addonsOf(project).length;
}

interface StackManifests {
  readonly stack: string;
  readonly manifestCount: number;
  readonly addonCount: number;
  readonly kinds: ReadonlySet<string>;
}

const all: readonly StackManifests[] = projectNames.flatMap((project) =>
  stackTargets(project, plans).map(({ stack, target }) => {
    const manifests = manifestsOf(project, target);
    return {
      stack: `${project}/${stack}`,
      manifestCount: manifests.length,
      addonCount: addonCount(project),
      kinds: new Set(manifests.map(kindWithGroup)),
    };
  }),
);

test("no stack of any phase has more resources than a state on files bears", () => {
  const counts = all.map((one) => ({
    stack: one.stack,
    // An add-on is a component and its release.
    resourceCount: one.manifestCount + 2 * one.addonCount + fixedCount,
  }));
  const largest = counts.toSorted((a, b) => b.resourceCount - a.resourceCount)[0];
  expect(counts.length).toBeGreaterThan(200);
  expect(counts.filter(({ resourceCount }) => resourceCount > maxResourceCount)).toEqual([]);
  expect(largest?.stack).toMatch(/^inventory\//);
});

test("every kind that a stack writes has a wait or an explicit none", () => {
  const kinds = new Set(all.flatMap((one) => [...one.kinds]));
  expect([...kinds].filter((kind) => !Object.hasOwn(waits, kind))).toEqual([]);
});
