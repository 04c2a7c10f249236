import type { KubernetesObject } from "../kubernetes/api-client.ts";

/** Something that a controller which is not here would write, and which we write in its place. */
export interface PlayedKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** The program that does it in a real site. */
  readonly controller: string;
  /** On the management cluster or on the halls' own. */
  readonly on: "management" | "hall";
  /** Types of conditions that become `True`. */
  readonly conditions: readonly string[];
  /** What it says beside its conditions. */
  readonly status?: (object: KubernetesObject) => Readonly<Record<string, unknown>>;
  /** The Secret that it makes beside the object. */
  readonly secret?: "kubeconfig" | "external secret";
}

const operatorVersion = "operator.cluster.x-k8s.io/v1alpha2";
const providerKinds = [
  "CoreProvider",
  "BootstrapProvider",
  "ControlPlaneProvider",
  "InfrastructureProvider",
  "IPAMProvider",
] as const;

const phaseReady = (): Readonly<Record<string, unknown>> => ({ phase: "Ready" });
const stateReady = (): Readonly<Record<string, unknown>> => ({ state: "ready" });

/** Everything that is played, a line each. What is not in it stays as the stacks wrote it. */
export const playedKinds: readonly PlayedKind[] = [
  ...providerKinds.map((kind): PlayedKind => ({
    apiVersion: operatorVersion,
    kind,
    controller: "Cluster API operator",
    on: "management",
    conditions: ["Ready", "ProviderInstalled"],
    status: ({ spec }) => ({ installedVersion: textAt(spec, "version"), contract: "v1beta2" }),
  })),
  {
    apiVersion: "cluster.x-k8s.io/v1beta2",
    kind: "Cluster",
    controller: "Cluster API with its Metal3 provider",
    on: "management",
    conditions: [
      "TopologyReconciled",
      "InfrastructureReady",
      "ControlPlaneInitialized",
      "RemoteConnectionProbe",
    ],
    status: () => ({
      phase: "Provisioned",
      initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true },
    }),
    secret: "kubeconfig",
  },
  {
    apiVersion: "metal3.io/v1alpha1",
    kind: "BareMetalHost",
    controller: "baremetal-operator with Ironic",
    on: "management",
    conditions: [],
    status: ({ metadata }) => ({
      errorCount: 0,
      errorMessage: "",
      operationalStatus: "OK",
      poweredOn: true,
      hardwareProfile: "unknown",
      provisioning: { ID: metadata.uid ?? "", state: "available", image: { url: "" } },
    }),
  },
  {
    apiVersion: "ironic.metal3.io/v1alpha1",
    kind: "Ironic",
    controller: "Ironic standalone operator",
    on: "management",
    conditions: ["Ready"],
  },
  {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    controller: "CloudNativePG",
    on: "management",
    conditions: ["Ready"],
    status: ({ spec }) => {
      const instanceCount = Number(recordAt(spec)["instances"] ?? 1);
      return {
        phase: "Cluster in healthy state",
        instances: instanceCount,
        readyInstances: instanceCount,
      };
    },
  },
  ...(["management", "hall"] as const).flatMap((on): readonly PlayedKind[] => [
    ...["Issuer", "ClusterIssuer", "Certificate"].map((kind): PlayedKind => ({
      apiVersion: "cert-manager.io/v1",
      kind,
      controller: "cert-manager",
      on,
      conditions: ["Ready"],
    })),
    ...["SecretStore", "ClusterSecretStore"].map((kind): PlayedKind => ({
      apiVersion: "external-secrets.io/v1",
      kind,
      controller: "external-secrets",
      on,
      conditions: ["Ready"],
    })),
    {
      apiVersion: "external-secrets.io/v1",
      kind: "ExternalSecret",
      controller: "external-secrets",
      on,
      conditions: ["Ready"],
      secret: "external secret",
    },
  ]),
  {
    apiVersion: "nvidia.com/v1",
    kind: "ClusterPolicy",
    controller: "GPU Operator",
    on: "hall",
    conditions: ["Ready"],
    status: stateReady,
  },
  {
    apiVersion: "mellanox.com/v1alpha1",
    kind: "NicClusterPolicy",
    controller: "Network Operator",
    on: "hall",
    conditions: [],
    status: stateReady,
  },
  ...["CephCluster", "CephBlockPool", "CephFilesystem", "CephObjectStore"].map(
    (kind): PlayedKind => ({
      apiVersion: "ceph.rook.io/v1",
      kind,
      controller: "Rook",
      on: "hall",
      conditions: [],
      status: phaseReady,
    }),
  ),
  ...["ClusterQueue", "LocalQueue"].map((kind): PlayedKind => ({
    apiVersion: "kueue.x-k8s.io/v1beta2",
    kind,
    controller: "Kueue",
    on: "hall",
    conditions: ["Active"],
  })),
];

export function recordAt(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function textAt(value: unknown, key: string): string | undefined {
  const found = recordAt(value)[key];
  return typeof found === "string" ? found : undefined;
}
