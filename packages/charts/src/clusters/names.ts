import type { ClusterPlan } from "@ertis/provisioning-model";

/** Secret with the configuration of encryption at rest of a cluster's etcd. */
export function encryptionSecretName(cluster: ClusterPlan): string {
  return `${cluster.name}-encryption`;
}

/** Its key, and the name of the file on the control plane hosts. */
export const encryptionKey = "config.yaml";
