import { sampleHalls, type SitePlan } from "@ertis/provisioning-model";
import type { CrdFamily } from "../crds/families.ts";

export const managementName = "management";

/** What the stacks of the management cluster write: management, inventory, clusters, scheduler. */
const managementFamilies: readonly CrdFamily[] = [
  "cluster-api-core",
  "cluster-api-bootstrap-kubeadm",
  "cluster-api-controlplane-kubeadm",
  "cluster-api-operator",
  "metal3-baremetal-operator",
  "metal3-capm3",
  "metal3-ipam",
  "metal3-ironic",
  "cloudnative-pg",
  "cert-manager",
  "prometheus-operator",
  "external-secrets",
];

/** What the stacks of a hall write: platform, queues. */
const hallFamilies: readonly CrdFamily[] = [
  "kueue",
  "jobset",
  "gpu-operator",
  "network-operator",
  "rook-ceph",
  "cert-manager",
  "prometheus-operator",
  "external-secrets",
];

/** The families a cluster needs, by what it is for: an API server pays memory for each. */
export function familiesFor(name: string): readonly CrdFamily[] {
  return name === managementName ? managementFamilies : hallFamilies;
}

/** The clusters of the local profile: management, and of every site that is provisioned its sample halls. */
export function localClusterNames(plans: readonly SitePlan[]): readonly string[] {
  const halls = plans.filter(({ mode }) => mode === "provisioned").flatMap(sampleHalls);
  return [managementName, ...halls.map(({ name }) => name)];
}
