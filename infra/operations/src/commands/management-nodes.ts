import type { ApiClient } from "../kubernetes/api-client.ts";

/** As many as a real management cluster has, so that what spreads over hosts can. */
const nodeCount = 3;

/** Nodes of the local management cluster, played by kwok, where the stacks' own pods run. */
export async function ensureManagementNodes(client: ApiClient): Promise<void> {
  for (let index = 1; index <= nodeCount; index += 1) {
    const name = `management-${index}`;
    const resources = { cpu: "64", memory: "256Gi", pods: "110" };
    const { status, body } = await client.request("POST", "/api/v1/nodes", {
      body: {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
          name,
          annotations: { "kwok.x-k8s.io/node": "fake" },
          labels: {
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
            "node-role.kubernetes.io/control-plane": "",
          },
        },
        spec: { taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] },
        status: { capacity: resources, allocatable: resources },
      },
    });
    if (status !== 201 && status !== 409) {
      throw new Error(`node ${name} was refused: ${JSON.stringify(body)}`);
    }
  }
}
