import { addons, untestedKubernetes, versions } from "@ertis/charts";
import { locate } from "../facts.ts";
import type { Facts } from "../facts.ts";
import { textAt } from "../fields.ts";
import { matrixLine } from "../matrix-line.ts";
import { describe, helmReleaseType, isKind } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/**
 * What was never tested together is found out by a hall of machines. The matrix is one file; to leave
 * it, change that file, with the source of the new version.
 */
function check(resource: Resource, facts: Facts): readonly string[] {
  return [
    ...checkKubernetes(resource, facts),
    ...checkChart(resource),
    ...checkProvider(resource),
  ].map(
    ({ message, matrix }) =>
      `${describe(resource)}: ${message} The matrix is ${matrixLine(...matrix)}.`,
  );
}

interface Untested {
  readonly message: string;
  /** Keys of `versions` that lead to what was tested. */
  readonly matrix: readonly string[];
}

function checkKubernetes(resource: Resource, { cluster }: Facts): readonly Untested[] {
  if (!isKind(resource, "cluster.x-k8s.io", "Cluster")) {
    return [];
  }
  const version = textAt(resource.inputs, "spec", "topology", "version");
  const reason = version === undefined ? undefined : untestedKubernetes(version);
  const where =
    cluster === undefined ? "the site's provisioning file" : locate(cluster.kubernetesSource);
  return reason === undefined
    ? []
    : [
        {
          message: `${reason}. Change kubernetesVersion at ${where}.`,
          matrix: ["kubernetes", "series"],
        },
      ];
}

function checkChart(resource: Resource): readonly Untested[] {
  const chart = textAt(resource.inputs, "chart");
  if (resource.type !== helmReleaseType || chart === undefined) {
    return [];
  }
  const name = chart.slice(chart.lastIndexOf("/") + 1);
  const pinned = addons.filter((addon) => addon.chart.name === name);
  const known = pinned.map((addon) => addon.version.version);
  const version = textAt(resource.inputs, "version");
  if (known.length === 0) {
    return [
      {
        message: `chart ${name} is not in the tested matrix. Add it with its source, or take it out.`,
        matrix: ["addons"],
      },
    ];
  }
  return version !== undefined && known.includes(version)
    ? []
    : [
        {
          message: `chart ${name} ${version ?? "without a version"} is not the tested ${known.join(", ")}.`,
          matrix: ["addons", ...keysOf(pinned)],
        },
      ];
}

/** How the matrix calls the first of these add-ons. */
function keysOf(pinned: typeof addons): readonly string[] {
  return Object.entries(versions.addons)
    .filter(([, version]) => version === pinned[0]?.version)
    .map(([key]) => key);
}

/** Kinds of the Cluster API operator, and the family whose version they must have. */
const providerKinds: Readonly<Record<string, keyof typeof versions.providers>> = {
  CoreProvider: "clusterApi",
  BootstrapProvider: "clusterApi",
  ControlPlaneProvider: "clusterApi",
  InfrastructureProvider: "metal3",
  IPAMProvider: "metal3Ipam",
};

function checkProvider(resource: Resource): readonly Untested[] {
  const family = providerKinds[textAt(resource.inputs, "kind") ?? ""];
  const version = textAt(resource.inputs, "spec", "version");
  const isProvider = textAt(resource.inputs, "apiVersion")?.startsWith(
    "operator.cluster.x-k8s.io/",
  );
  if (family === undefined || isProvider !== true || version === undefined) {
    return [];
  }
  const tested = versions.providers[family].version;
  return version === tested
    ? []
    : [
        {
          message: `version ${version} is not the tested ${tested}.`,
          matrix: ["providers", family],
        },
      ];
}

export const testedVersions: ResourceRule = {
  kind: "resource",
  name: "tested-versions",
  description: "Kubernetes, charts and providers have versions that were tested together.",
  check,
};
