import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import type { AddonDescription } from "../addons/addon.ts";
import { addons } from "../addons/addons.ts";
import { componentImages } from "../addons/component-images.ts";
import { clusterManifests } from "../clusters/cluster-manifests.ts";
import { managementManifests } from "../management/management-manifests.ts";
import { sharedSite } from "../management/shared-site.ts";
import type { Manifest } from "../manifest.ts";
import { platformManifests } from "../platform/platform-manifests.ts";
import { queueManifests } from "../queues/queue-manifests.ts";
import { registeredClusterManifests } from "../registered/registered-cluster-manifests.ts";
import { schedulerManifests } from "../scheduler/scheduler-manifests.ts";
import { findImages } from "./find-images.ts";
import { kubeadmImages } from "./kubeadm-images.ts";
import { siteChart, siteImage } from "./site-image.ts";

/** One thing to put into a registry before a stack can come up without the internet. */
export interface MirrorEntry {
  /** As its makers publish it. */
  readonly source: string;
  /** Where the stacks expect it. */
  readonly target: string;
  /** Projects and components, for example `platform/gpu-operator`; sorted. */
  readonly usedBy: readonly string[];
}

export interface ImageEntry extends MirrorEntry {
  /** The target, by the name of the contract. */
  readonly image: string;
  /** Built from this repository: there is nothing to copy, it is pushed. */
  readonly isOwn: boolean;
}

export interface ChartEntry extends MirrorEntry {
  readonly chart: string;
  readonly version: string;
  /** `manifest`: its makers publish no chart; the mirror run packs the release file as one. */
  readonly upstream: "oci" | "repository" | "manifest";
}

interface Use {
  readonly registry: string;
  readonly source: string;
  readonly usedBy: string;
}

/** Every image that any stack of these sites names, or makes something pull. Sorted by target. */
export function imageList(plans: readonly SitePlan[]): readonly ImageEntry[] {
  const own = new Set<string>(Object.values(componentImages.ertis));
  return entries(
    [...addonImageUses(plans), ...manifestImageUses(plans), ...kubeadmUses(plans)],
    ({ registry, source }) => siteImage(registry, source),
  ).map((entry) => ({ ...entry, image: entry.target, isOwn: own.has(entry.source) }));
}

/** Every chart of every add-on, with its version. Sorted by target. */
export function chartList(plans: readonly SitePlan[]): readonly ChartEntry[] {
  const found = addonPlaces(plans).map(({ addon, registry }) => ({
    chart: addon.chart.name,
    version: addon.version.version,
    upstream: addon.chart.upstream.kind,
    source: addon.chart.upstream.url,
    target: siteChart(registry, addon.chart.name),
    usedBy: usedByAddon(addon),
  }));
  const byTarget = Map.groupBy(found, ({ target, version }) => `${target} ${version}`);
  return [...byTarget.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, [first, ...others]]) =>
      first === undefined
        ? []
        : [{ ...first, usedBy: sortedOnce([first, ...others].map(({ usedBy }) => usedBy)) }],
    );
}

function usedByAddon(addon: AddonDescription): string {
  return `${addon.project}/${addon.name}`;
}

/** Add-ons of the management cluster come from the shared site's registry, others from each site's own. */
function addonPlaces(
  plans: readonly SitePlan[],
): readonly { readonly addon: AddonDescription; readonly registry: string }[] {
  const shared = sharedSite(plans).registry;
  return addons.flatMap((addon) => {
    if (addon.project === "management" || addon.project === "scheduler") {
      return [{ addon, registry: shared }];
    }
    return plans
      .filter(({ mode }) => mode === "provisioned" || addon.project === "queues")
      .map(({ registry }) => ({ addon, registry }));
  });
}

function addonImageUses(plans: readonly SitePlan[]): readonly Use[] {
  return addonPlaces(plans).flatMap(({ addon, registry }) =>
    addon.images.map((source) => ({ registry, source, usedBy: usedByAddon(addon) })),
  );
}

function manifestImageUses(plans: readonly SitePlan[]): readonly Use[] {
  const shared = sharedSite(plans).registry;
  return [
    ...usesOf("management", shared, managementManifests(plans)),
    // Site files name no images.
    ...usesOf("scheduler", shared, schedulerManifests(plans, { siteTexts: [] })),
    ...plans.flatMap((plan) => siteUses(plan)),
  ];
}

function siteUses(plan: SitePlan): readonly Use[] {
  const { registry } = plan;
  if (plan.mode === "registered") {
    return [
      ...usesOf("clusters", registry, registeredClusterManifests(plan)),
      ...usesOf("queues", registry, queueManifests(plan, undefined)),
    ];
  }
  return differentHalls(plan).flatMap((cluster) => [
    ...usesOf("clusters", registry, clusterManifests(plan, cluster, { infrastructure: "metal3" })),
    ...usesOf("platform", registry, platformManifests(plan, cluster)),
    ...usesOf("queues", registry, queueManifests(plan, cluster)),
  ]);
}

/** Halls of one version and the same classes name the same images: one of them is enough. */
function differentHalls(plan: SitePlan): readonly ClusterPlan[] {
  const byShape = new Map<string, ClusterPlan>();
  for (const cluster of plan.clusters) {
    const classes = cluster.nodeClasses.map(({ name }) => name).toSorted();
    byShape.set([cluster.kubernetesVersion, ...classes].join(" "), cluster);
  }
  return [...byShape.values()];
}

function usesOf(project: string, registry: string, manifests: readonly Manifest[]): readonly Use[] {
  return manifests.flatMap((manifest) =>
    findImages(manifest, registry).map((source) => ({
      registry,
      source,
      usedBy: `${project}/${manifest.kind}`,
    })),
  );
}

function kubeadmUses(plans: readonly SitePlan[]): readonly Use[] {
  return plans
    .filter(({ mode }) => mode === "provisioned")
    .flatMap(({ registry, clusters }) =>
      sortedOnce(clusters.map(({ kubernetesVersion }) => kubernetesVersion)).flatMap((version) =>
        kubeadmImages(version).map((source) => ({
          registry,
          source,
          usedBy: `clusters/kubeadm ${version}`,
        })),
      ),
    );
}

function entries(uses: readonly Use[], targetOf: (use: Use) => string): readonly MirrorEntry[] {
  const byTarget = Map.groupBy(uses, targetOf);
  return [...byTarget.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([target, of]) => ({
      source: of[0]?.source ?? "",
      target,
      usedBy: sortedOnce(of.map(({ usedBy }) => usedBy)),
    }));
}

function sortedOnce(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted();
}
