import type { Manifest } from "@ertis/charts";
import { kindWithGroup } from "./manifest-key.ts";
import { StackError } from "./stack-error.ts";

/**
 * When an object counts as there. `built-in`: the plugin's own wait for that kind. `none`: as soon as the
 * API server took it. Paths are plain and compared for equality: old plugins get filters wrong.
 */
export type Wait =
  | "built-in"
  | "none"
  | { readonly condition: string }
  | { readonly path: string; readonly value: string };

const ready: Wait = { condition: "Ready" };

/**
 * By kind and group. A kind that is absent is an error: whoever adds one decides here whether later
 * objects may start before it works. A wait must not need what a later stack brings, else it never ends.
 */
export const waits: Readonly<Record<string, Wait>> = {
  ConfigMap: "none",
  Namespace: "none",
  LimitRange: "none",
  PersistentVolumeClaim: "none",
  ResourceQuota: "none",
  Secret: "none",
  // The Deployment behind it is waited for; waiting for endpoints as well would add nothing.
  Service: "none",
  ServiceAccount: "none",

  "DaemonSet.apps": "built-in",
  "Deployment.apps": "built-in",
  "StatefulSet.apps": "built-in",
  "Job.batch": "built-in",
  "CronJob.batch": "none",
  "PodDisruptionBudget.policy": "none",
  "NetworkPolicy.networking.k8s.io": "none",
  "Ingress.networking.k8s.io": "none",
  "PriorityClass.scheduling.k8s.io": "none",
  "StorageClass.storage.k8s.io": "none",
  "RuntimeClass.node.k8s.io": "none",
  "Role.rbac.authorization.k8s.io": "none",
  "RoleBinding.rbac.authorization.k8s.io": "none",
  "ClusterRole.rbac.authorization.k8s.io": "none",
  "ClusterRoleBinding.rbac.authorization.k8s.io": "none",
  "ValidatingAdmissionPolicy.admissionregistration.k8s.io": "none",
  "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io": "none",
  "CustomResourceDefinition.apiextensions.k8s.io": { condition: "Established" },

  // Not Available: that needs nodes, nodes need a network, and the platform stack brings the network.
  // And not the condition ControlPlaneInitialized: once true it keeps the generation of that moment, so
  // that after any change the plugin would wait for a newer one until its timeout.
  "Cluster.cluster.x-k8s.io": {
    path: "{.status.initialization.controlPlaneInitialized}",
    value: "true",
  },
  "ClusterClass.cluster.x-k8s.io": "none",
  "MachineHealthCheck.cluster.x-k8s.io": "none",
  "KubeadmControlPlaneTemplate.controlplane.cluster.x-k8s.io": "none",
  "KubeadmConfigTemplate.bootstrap.cluster.x-k8s.io": "none",
  "Metal3ClusterTemplate.infrastructure.cluster.x-k8s.io": "none",
  "Metal3MachineTemplate.infrastructure.cluster.x-k8s.io": "none",
  "Metal3DataTemplate.infrastructure.cluster.x-k8s.io": "none",
  "Metal3RemediationTemplate.infrastructure.cluster.x-k8s.io": "none",
  "DevClusterTemplate.infrastructure.cluster.x-k8s.io": "none",
  "DevMachineTemplate.infrastructure.cluster.x-k8s.io": "none",
  "IPPool.ipam.metal3.io": "none",
  // Inspection of a hall's hosts takes hours and some fail; the Cluster takes those that are there.
  "BareMetalHost.metal3.io": "none",
  "Ironic.ironic.metal3.io": ready,
  "CoreProvider.operator.cluster.x-k8s.io": ready,
  "BootstrapProvider.operator.cluster.x-k8s.io": ready,
  "ControlPlaneProvider.operator.cluster.x-k8s.io": ready,
  "InfrastructureProvider.operator.cluster.x-k8s.io": ready,
  "IPAMProvider.operator.cluster.x-k8s.io": ready,

  "Cluster.postgresql.cnpg.io": ready,
  "ScheduledBackup.postgresql.cnpg.io": "none",
  "Issuer.cert-manager.io": ready,
  "ClusterIssuer.cert-manager.io": ready,
  "Certificate.cert-manager.io": ready,
  "ClusterSecretStore.external-secrets.io": ready,
  "SecretStore.external-secrets.io": ready,
  "ExternalSecret.external-secrets.io": ready,

  // These three become ready with the first hosts, which may join days later.
  "ClusterPolicy.nvidia.com": "none",
  "NicClusterPolicy.mellanox.com": "none",
  "CephCluster.ceph.rook.io": "none",
  "CephBlockPool.ceph.rook.io": "none",
  "CephFilesystem.ceph.rook.io": "none",
  "CephObjectStore.ceph.rook.io": "none",
  "ServiceMonitor.monitoring.coreos.com": "none",
  "PodMonitor.monitoring.coreos.com": "none",
  "PrometheusRule.monitoring.coreos.com": "none",

  // A queue that is not active holds its jobs, which is the safe side.
  "AdmissionCheck.kueue.x-k8s.io": "none",
  "ClusterQueue.kueue.x-k8s.io": "none",
  "Cohort.kueue.x-k8s.io": "none",
  "LocalQueue.kueue.x-k8s.io": "none",
  "ResourceFlavor.kueue.x-k8s.io": "none",
  "Topology.kueue.x-k8s.io": "none",
  "WorkloadPriorityClass.kueue.x-k8s.io": "none",
};

/** Kinds for which the plugin waits unless told not to. */
const waitedByPlugin: ReadonlySet<string> = new Set([
  "DaemonSet.apps",
  "Deployment.apps",
  "StatefulSet.apps",
  "Job.batch",
  "PersistentVolumeClaim",
  "ResourceQuota",
  "Service",
  "Ingress.networking.k8s.io",
]);

/** The annotations that make the plugin wait as the table says. */
export function waitAnnotations(manifest: Manifest): Readonly<Record<string, string>> {
  const kind = kindWithGroup(manifest);
  const wait = Object.hasOwn(waits, kind) ? waits[kind] : undefined;
  if (wait === undefined) {
    throw new StackError(
      `${kind} ${manifest.metadata.name}: nobody has decided what to wait for with this kind. ` +
        'Add it to packages/pulumi-kit/src/waits.ts: a condition, a path with its value, "built-in" or "none".',
    );
  }
  if (wait === "built-in") {
    return {};
  }
  if (wait === "none") {
    return waitedByPlugin.has(kind) ? { "pulumi.com/skipAwait": "true" } : {};
  }
  const text =
    "condition" in wait ? `condition=${wait.condition}` : `jsonpath=${wait.path}=${wait.value}`;
  return { "pulumi.com/waitFor": text };
}

/**
 * Kinds whose controller takes apart what belongs to them in an order of its own. The plugin deletes in
 * the foreground, which lets the garbage collector take all of it at once: a Cluster would lose its
 * infrastructure before its machines, and then never end.
 */
const deletedByController: ReadonlySet<string> = new Set(["Cluster.cluster.x-k8s.io"]);

/** The annotations that make the plugin leave the order of a deletion to the controller. */
export function deletionAnnotations(manifest: Manifest): Readonly<Record<string, string>> {
  return deletedByController.has(kindWithGroup(manifest))
    ? { "pulumi.com/deletionPropagationPolicy": "background" }
    : {};
}
