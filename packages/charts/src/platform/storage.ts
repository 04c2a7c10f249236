import { type ClusterPlan, labelNames, type SitePlan } from "@ertis/provisioning-model";
import { componentImages } from "../addons/component-images.ts";
import { siteImage } from "../images/site-image.ts";
import type { Manifest } from "../manifest.ts";

const namespace = "rook-ceph";
/** Below it, no copy of a block survives the loss of a host, and monitors have no majority. */
const hostsMin = 3;

/**
 * Ceph on the storage hosts of the management racks: a block pool for claims and an object store for
 * datasets and images. None where a hall has too few storage hosts to survive the loss of one.
 */
export function storageManifests(plan: SitePlan, cluster: ClusterPlan): readonly Manifest[] {
  const hostCount = cluster.hosts.filter(({ role }) => role === "storage").length;
  return hostCount < hostsMin
    ? []
    : [clusterManifest(plan), blockPoolManifest(), blockClassManifest(), objectStoreManifest()];
}

const onStorageHosts = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: labelNames.role, operator: "In", values: ["storage"] }] },
      ],
    },
  },
};

function clusterManifest(plan: SitePlan): Manifest {
  return {
    apiVersion: "ceph.rook.io/v1",
    kind: "CephCluster",
    metadata: { name: "ceph", namespace },
    spec: {
      cephVersion: { image: siteImage(plan.registry, componentImages.ceph.ceph) },
      dataDirHostPath: "/var/lib/rook",
      mon: { count: hostsMin, allowMultiplePerNode: false },
      mgr: { count: 2, allowMultiplePerNode: false },
      dashboard: { enabled: false },
      monitoring: { enabled: true },
      crashCollector: { disable: false, daysToRetain: 30 },
      network: { connections: { encryption: { enabled: true }, requireMsgr2: true } },
      // Data goes with the hosts, which outlive clusters; only a person takes it away.
      cleanupPolicy: { allowUninstallWithVolumes: false },
      placement: { all: onStorageHosts },
      storage: { useAllNodes: true, useAllDevices: true },
      disruptionManagement: { managePodBudgets: true },
      cephConfig: {
        // Ceph asks before it sends anything to its makers; it shall not even ask.
        mgr: { "mgr/telemetry/enabled": "false" },
        global: { mon_warn_on_pool_no_redundancy: "true" },
      },
    },
  };
}

function blockPoolManifest(): Manifest {
  return {
    apiVersion: "ceph.rook.io/v1",
    kind: "CephBlockPool",
    metadata: { name: "blocks", namespace },
    spec: { failureDomain: "host", replicated: { size: hostsMin, requireSafeReplicaSize: true } },
  };
}

function blockClassManifest(): Manifest {
  const secret = (name: string, use: string): Readonly<Record<string, string>> => ({
    [`csi.storage.k8s.io/${use}-secret-name`]: name,
    [`csi.storage.k8s.io/${use}-secret-namespace`]: namespace,
  });
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: {
      name: "blocks",
      annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    },
    provisioner: `${namespace}.rbd.csi.ceph.com`,
    parameters: {
      clusterID: namespace,
      pool: "blocks",
      "csi.storage.k8s.io/fstype": "ext4",
      ...secret("rook-csi-rbd-provisioner", "provisioner"),
      ...secret("rook-csi-rbd-provisioner", "controller-expand"),
      ...secret("rook-csi-rbd-node", "node-stage"),
    },
    reclaimPolicy: "Delete",
    allowVolumeExpansion: true,
  };
}

function objectStoreManifest(): Manifest {
  return {
    apiVersion: "ceph.rook.io/v1",
    kind: "CephObjectStore",
    metadata: { name: "objects", namespace },
    spec: {
      metadataPool: { failureDomain: "host", replicated: { size: hostsMin } },
      dataPool: { failureDomain: "host", erasureCoded: { dataChunks: 2, codingChunks: 1 } },
      preservePoolsOnDelete: true,
      gateway: { port: 80, instances: 2, placement: onStorageHosts },
    },
  };
}
