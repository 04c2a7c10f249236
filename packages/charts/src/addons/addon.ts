import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import type { PodSecurityLevel } from "../kinds/core.ts";
import type { PinnedChart } from "../versions.ts";

export type AddonProject = "management" | "platform" | "queues" | "scheduler";

export interface AddonValues {
  readonly [key: string]: unknown;
}

/** Where an add-on is installed: the registry its images come from, and the hall, if it is in one. */
export interface AddonPlace {
  readonly registry: string;
  /** Undefined on the management cluster. */
  readonly hall: { readonly plan: SitePlan; readonly cluster: ClusterPlan } | undefined;
  /** Every site; the management cluster serves all of them. */
  readonly plans: readonly SitePlan[];
}

/** How an operator sees that it works: a workload of its own, and what is true of it then. */
export interface HealthCheck {
  readonly apiVersion: string;
  readonly kind: "Deployment" | "StatefulSet" | "DaemonSet";
  readonly name: string;
}

export interface ChartSource {
  /** The chart's name, and the last part of its address in a site's registry. */
  readonly name: string;
  /** Where its makers publish it. `manifest`: no chart; the mirror run packs the release file as one. */
  readonly upstream:
    | { readonly kind: "oci" | "repository"; readonly url: string }
    | { readonly kind: "manifest"; readonly url: string };
}

/**
 * A third-party component. Data only: what installs it is elsewhere. Values never carry secrets, because
 * they end in the state; a component that needs one gets the name of a Secret.
 */
export interface AddonDescription {
  /** Unique in its project; the name of the release, too. */
  readonly name: string;
  readonly project: AddonProject;
  readonly chart: ChartSource;
  readonly version: PinnedChart;
  readonly namespace: string;
  /** What its pods need: `privileged` only where they touch the host. */
  readonly podSecurity: PodSecurityLevel;
  /** As published, `host/repository:tag`; {@link siteImage} says where they are in a site. */
  readonly images: readonly string[];
  readonly values: (place: AddonPlace) => AddonValues;
  /** Paths in the values where a node selector of the chart's own pods goes, dots between keys. */
  readonly nodeSelectorPaths: readonly string[];
  readonly tolerationPaths: readonly string[];
  /** Names of add-ons of the same project that must be ready before. */
  readonly dependsOn: readonly string[];
  /** Groups of the custom resources that come with it; other add-ons and stacks write such objects. */
  readonly crds: readonly string[];
  readonly healthCheck: HealthCheck;
}

const controlPlaneKey = "node-role.kubernetes.io/control-plane";

/**
 * Where operators run in a hall: beside the control plane, never on GPU nodes. The empty value is what
 * kubeadm writes; k3s and RKE2 write `true`, so it holds only for clusters that Ertis makes itself.
 */
export const controlPlaneSelector: Readonly<Record<string, string>> = { [controlPlaneKey]: "" };

export const controlPlaneTolerations: readonly Readonly<Record<string, string>>[] = [
  { key: controlPlaneKey, operator: "Exists", effect: "NoSchedule" },
];

/**
 * Values with something at each of the paths: `withPaths({a: {b: 1}}, ["a.c"], 2)` is `{a: {b: 1, c: 2}}`.
 * What stands there already is a mistake of the description and throws.
 */
export function withPaths(
  values: AddonValues,
  paths: readonly string[],
  value: unknown,
): AddonValues {
  return paths.reduce((into, path) => withPath(into, path.split("."), value), values);
}

function withPath(
  into: AddonValues,
  [key = "", ...rest]: readonly string[],
  value: unknown,
): AddonValues {
  const present = into[key];
  if (rest.length === 0) {
    if (present !== undefined) {
      throw new Error(`the value ${key} is set twice, by the description and by a path`);
    }
    return { ...into, [key]: value };
  }
  const inner: AddonValues =
    typeof present === "object" && present !== null
      ? Object.fromEntries(Object.entries(present))
      : {};
  return { ...into, [key]: withPath(inner, rest, value) };
}

/** The whole values of an add-on in a place: its own, with the placement of its pods. */
export function addonValues(addon: AddonDescription, place: AddonPlace): AddonValues {
  const own = addon.values(place);
  // All nodes of the management cluster carry operators, and nobody knows the labels of a foreign one.
  const isOurs = place.hall?.plan.mode === "provisioned";
  const selected = isOurs ? withPaths(own, addon.nodeSelectorPaths, controlPlaneSelector) : own;
  return withPaths(selected, addon.tolerationPaths, controlPlaneTolerations);
}
