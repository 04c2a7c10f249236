/** A controller whose part the process `local-world` plays in the local profile. */
export interface PlayedController {
  readonly name: string;
  /** What `local-world` writes in its place; statuses and kubeconfig Secrets only. */
  readonly writes: string;
}

/** No program of these can be built here, or it would need machines. */
export const playedControllers: readonly PlayedController[] = [
  { name: "Ironic", writes: "BareMetalHosts become available, then provisioned" },
  { name: "Metal3 provider and IPAM", writes: "infrastructure and addresses become ready" },
  {
    name: "Cluster API, local profile",
    writes: "Clusters become available; kubeconfig Secrets (the tests run the real managers)",
  },
  { name: "Cluster API operator", writes: "providers become ready" },
  { name: "cert-manager", writes: "issuers and Certificates become ready" },
  { name: "external-secrets", writes: "stores and ExternalSecrets become ready" },
  { name: "CloudNativePG", writes: "the state database becomes healthy" },
  { name: "GPU and Network Operator", writes: "their policies become ready" },
  { name: "Rook", writes: "the CephCluster becomes ready" },
  {
    name: "Kueue, local profile",
    writes: "queues become active (the tests run the real controller)",
  },
];
