/** A controller whose part the process `local-world` plays in the local profile. */
export interface PlayedController {
  readonly name: string;
  /** What `local-world` writes in its place; statuses and Secrets only. */
  readonly writes: string;
}

/**
 * What `infra/operations/src/local-world` plays, by the names it has there: programs that cannot be
 * built here or need machines, and two that the tests run for real. A test there compares both.
 */
export const playedControllers: readonly PlayedController[] = [
  { name: "baremetal-operator with Ironic", writes: "BareMetalHosts become available" },
  { name: "Ironic standalone operator", writes: "Ironic becomes ready" },
  {
    name: "Cluster API with its Metal3 provider",
    writes: "Clusters become provisioned, kubeconfig Secrets (tests: the real Cluster API)",
  },
  { name: "Cluster API operator", writes: "providers become ready" },
  { name: "CloudNativePG", writes: "the state database becomes ready" },
  { name: "cert-manager", writes: "issuers and Certificates become ready" },
  { name: "external-secrets", writes: "stores and ExternalSecrets become ready, their Secrets" },
  { name: "GPU Operator", writes: "ClusterPolicy becomes ready" },
  { name: "Network Operator", writes: "NicClusterPolicy becomes ready" },
  { name: "Rook", writes: "Ceph clusters, pools and stores become ready" },
  { name: "Kueue", writes: "queues become active (tests: the real Kueue)" },
];
