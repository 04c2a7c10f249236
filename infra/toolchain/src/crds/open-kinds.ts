import type { CrdFamily } from "./families.ts";

/** A kind that a server shall know by name only. */
export interface OpenKind {
  readonly group: string;
  readonly version: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly kind: string;
  readonly plural: string;
}

/** `group/version`, then the kinds with the plurals that are not kind + s in small letters. */
type Entry = readonly [groupVersion: string, scope: OpenKind["scope"], kinds: string];

const entries: Readonly<Record<CrdFamily, readonly Entry[]>> = {
  "cluster-api-core": [
    [
      "cluster.x-k8s.io/v1beta2",
      "Namespaced",
      "Cluster ClusterClass:clusterclasses MachineDeployment MachineDrainRule MachineHealthCheck MachinePool Machine MachineSet",
    ],
    [
      "addons.cluster.x-k8s.io/v1beta2",
      "Namespaced",
      "ClusterResourceSet ClusterResourceSetBinding",
    ],
    ["ipam.cluster.x-k8s.io/v1beta2", "Namespaced", "IPAddressClaim IPAddress:ipaddresses"],
    ["runtime.cluster.x-k8s.io/v1beta2", "Cluster", "ExtensionConfig"],
  ],
  "cluster-api-bootstrap-kubeadm": [
    ["bootstrap.cluster.x-k8s.io/v1beta2", "Namespaced", "KubeadmConfig KubeadmConfigTemplate"],
  ],
  "cluster-api-controlplane-kubeadm": [
    [
      "controlplane.cluster.x-k8s.io/v1beta2",
      "Namespaced",
      "KubeadmControlPlane KubeadmControlPlaneTemplate",
    ],
  ],
  "cluster-api-operator": [
    [
      "operator.cluster.x-k8s.io/v1alpha2",
      "Namespaced",
      "AddonProvider BootstrapProvider ControlPlaneProvider CoreProvider InfrastructureProvider IPAMProvider RuntimeExtensionProvider",
    ],
  ],
  "metal3-baremetal-operator": [
    [
      "metal3.io/v1alpha1",
      "Namespaced",
      "BareMetalHost BMCEventSubscription DataImage FirmwareSchema HardwareData:hardwaredata HostClaim HostDeployPolicy:hostdeploypolicies HostFirmwareComponents:hostfirmwarecomponents HostFirmwareSettings:hostfirmwaresettings HostUpdatePolicy:hostupdatepolicies PreprovisioningImage",
    ],
  ],
  "metal3-capm3": [
    [
      "infrastructure.cluster.x-k8s.io/v1beta2",
      "Namespaced",
      "Metal3Cluster Metal3ClusterTemplate Metal3DataClaim Metal3Data:metal3datas Metal3DataTemplate Metal3Machine Metal3MachineTemplate Metal3Remediation Metal3RemediationTemplate",
    ],
  ],
  "metal3-ipam": [
    ["ipam.metal3.io/v1alpha1", "Namespaced", "IPAddress:ipaddresses IPClaim IPPool"],
  ],
  "metal3-ironic": [["ironic.metal3.io/v1alpha1", "Namespaced", "Ironic"]],
  kueue: [
    [
      "kueue.x-k8s.io/v1beta2",
      "Cluster",
      "AdmissionCheck ClusterQueue Cohort MultiKueueCluster MultiKueueConfig ProvisioningRequestConfig ResourceFlavor Topology:topologies WorkloadPriorityClass:workloadpriorityclasses",
    ],
    ["kueue.x-k8s.io/v1beta2", "Namespaced", "LocalQueue Workload"],
  ],
  jobset: [["jobset.x-k8s.io/v1alpha2", "Namespaced", "JobSet"]],
  "cloudnative-pg": [
    ["postgresql.cnpg.io/v1", "Cluster", "ClusterImageCatalog"],
    [
      "postgresql.cnpg.io/v1",
      "Namespaced",
      "Backup Cluster DatabaseRole Database FailoverQuorum ImageCatalog Pooler Publication ScheduledBackup Subscription",
    ],
  ],
  "cert-manager": [
    ["acme.cert-manager.io/v1", "Namespaced", "Challenge Order"],
    ["cert-manager.io/v1", "Namespaced", "CertificateRequest Certificate Issuer"],
    ["cert-manager.io/v1", "Cluster", "ClusterIssuer"],
  ],
  "prometheus-operator": [
    [
      "monitoring.coreos.com/v1",
      "Namespaced",
      "Alertmanager PodMonitor Probe Prometheus:prometheuses PrometheusRule ServiceMonitor ThanosRuler",
    ],
    [
      "monitoring.coreos.com/v1alpha1",
      "Namespaced",
      "AlertmanagerConfig PrometheusAgent ScrapeConfig",
    ],
  ],
  "gpu-operator": [
    ["nvidia.com/v1", "Cluster", "ClusterPolicy:clusterpolicies"],
    ["nvidia.com/v1alpha1", "Cluster", "NVIDIADriver"],
  ],
  "network-operator": [
    [
      "mellanox.com/v1alpha1",
      "Cluster",
      "HostDeviceNetwork IPoIBNetwork MacvlanNetwork NicClusterPolicy:nicclusterpolicies",
    ],
  ],
  "rook-ceph": [
    [
      "ceph.rook.io/v1",
      "Namespaced",
      "CephBlockPoolRadosNamespace CephBlockPool CephBucketNotification CephBucketTopic CephClient CephCluster CephCOSIDriver CephFilesystemMirror CephFilesystem CephFilesystemSubVolumeGroup CephNFS:cephnfses CephNVMeOFGateway CephObjectRealm CephObjectStoreAccount CephObjectStore CephObjectStoreUser CephObjectZoneGroup CephObjectZone CephRBDMirror",
    ],
    ["objectbucket.io/v1alpha1", "Namespaced", "ObjectBucketClaim"],
    ["objectbucket.io/v1alpha1", "Cluster", "ObjectBucket"],
  ],
  "external-secrets": [
    ["external-secrets.io/v1", "Cluster", "ClusterExternalSecret ClusterSecretStore"],
    ["external-secrets.io/v1", "Namespaced", "ExternalSecret SecretStore"],
  ],
};

export function openKinds(family: CrdFamily): readonly OpenKind[] {
  return entries[family].flatMap(([groupVersion, scope, kinds]) => {
    const [group = "", version = ""] = groupVersion.split("/");
    return kinds.split(" ").map((text) => {
      const [kind = "", plural = `${text.toLowerCase()}s`] = text.split(":");
      return { group, version, scope, kind, plural };
    });
  });
}

/** A definition that accepts every object of the kind: its shape is not checked. */
export function openDefinition(kind: OpenKind): object {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
      },
      scope: kind.scope,
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
        },
      ],
    },
  };
}
