import { addons, untestedKubernetes, versions } from "@ertis/charts";
import { textAt } from "../fields.ts";
import { describe, helmReleaseType, isKind } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

const where = "packages/charts/src/versions.ts";

/**
 * What was never tested together is found out by a hall of machines. The matrix is one file; to leave
 * it, change that file, with the source of the new version.
 */
function check(resource: Resource): readonly string[] {
  return [...checkKubernetes(resource), ...checkChart(resource), ...checkProvider(resource)].map(
    (message) => `${describe(resource)}: ${message} The matrix is ${where}.`,
  );
}

function checkKubernetes(resource: Resource): readonly string[] {
  if (!isKind(resource, "cluster.x-k8s.io", "Cluster")) {
    return [];
  }
  const version = textAt(resource.inputs, "spec", "topology", "version");
  const reason = version === undefined ? undefined : untestedKubernetes(version);
  return reason === undefined
    ? []
    : [`${reason}. Change kubernetesVersion in the site's provisioning file.`];
}

function checkChart(resource: Resource): readonly string[] {
  const chart = textAt(resource.inputs, "chart");
  if (resource.type !== helmReleaseType || chart === undefined) {
    return [];
  }
  const name = chart.slice(chart.lastIndexOf("/") + 1);
  const known = addons
    .filter((addon) => addon.chart.name === name)
    .map(({ version }) => version.version);
  const version = textAt(resource.inputs, "version");
  if (known.length === 0) {
    return [`chart ${name} is not in the tested matrix. Add it with its source, or take it out.`];
  }
  return version !== undefined && known.includes(version)
    ? []
    : [`chart ${name} ${version ?? "without a version"} is not the tested ${known.join(", ")}.`];
}

/** Kinds of the Cluster API operator, and the family whose version they must have. */
const providerKinds: Readonly<Record<string, keyof typeof versions.providers>> = {
  CoreProvider: "clusterApi",
  BootstrapProvider: "clusterApi",
  ControlPlaneProvider: "clusterApi",
  InfrastructureProvider: "metal3",
  IPAMProvider: "metal3Ipam",
};

function checkProvider(resource: Resource): readonly string[] {
  const family = providerKinds[textAt(resource.inputs, "kind") ?? ""];
  const version = textAt(resource.inputs, "spec", "version");
  const isProvider = textAt(resource.inputs, "apiVersion")?.startsWith(
    "operator.cluster.x-k8s.io/",
  );
  if (family === undefined || isProvider !== true || version === undefined) {
    return [];
  }
  const tested = versions.providers[family].version;
  return version === tested ? [] : [`version ${version} is not the tested ${tested}.`];
}

export const testedVersions: ResourceRule = {
  kind: "resource",
  name: "tested-versions",
  description: "Kubernetes, charts and providers have versions that were tested together.",
  check,
};
