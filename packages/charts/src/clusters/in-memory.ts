import type { ClusterPlan } from "@ertis/provisioning-model";
import { hashedTemplate } from "./hashed-template.ts";
import type { InfrastructureParts } from "./infrastructure.ts";

const apiVersion = "infrastructure.cluster.x-k8s.io/v1beta2";

const quickly = { provisioning: { startupDuration: "2s", startupJitter: "0.2" } };

/**
 * Cluster API's development provider, its machines only in memory: the real controllers then run the
 * same class. It has no hosts to select and no pool of addresses, and it chooses the control plane's
 * endpoint itself.
 */
export function inMemoryParts(cluster: ClusterPlan): InfrastructureParts {
  return {
    clusterTemplate: hashedTemplate({
      apiVersion,
      kind: "DevClusterTemplate",
      namespace: cluster.name,
      purpose: "cluster",
      spec: { template: { spec: { backend: { inMemory: {} } } } },
    }),
    machineTemplate: ({ name, role }) =>
      hashedTemplate({
        apiVersion,
        kind: "DevMachineTemplate",
        namespace: cluster.name,
        purpose: name,
        spec: {
          template: {
            spec: {
              backend: {
                inMemory: {
                  vm: quickly,
                  node: quickly,
                  ...(role === "control-plane" ? { apiServer: quickly, etcd: quickly } : {}),
                },
              },
            },
          },
        },
      }),
    others: [],
    remediation: undefined,
    variables: [],
    patches: [],
    values: {},
  };
}
