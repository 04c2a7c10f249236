import type { ApiClient } from "../kubernetes/api-client.ts";

/** As many as a real management cluster has, so that what spreads over hosts can. */
const nodeCount = 3;
/** The scheduler's is the only claim there. */
const volumeName = "local-1";

/** Nodes and a volume of the local management cluster, where the stacks' own pods run; kwok plays both. */
export async function ensureManagementMachines(client: ApiClient): Promise<void> {
  for (let index = 1; index <= nodeCount; index += 1) {
    await ensure(client, "/api/v1/nodes", node(`management-${index}`));
  }
  await ensure(client, "/api/v1/persistentvolumes", volume());
  await releaseVolume(client);
}

async function ensure(client: ApiClient, path: string, object: unknown): Promise<void> {
  const { status, body } = await client.request("POST", path, { body: object });
  if (status !== 201 && status !== 409) {
    throw new Error(`${path} was refused: ${JSON.stringify(body)}`);
  }
}

function node(name: string): unknown {
  const resources = { cpu: "64", memory: "256Gi", pods: "110" };
  return {
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
    status: { capacity: resources, allocatable: resources },
  };
}

function volume(): unknown {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: volumeName },
    spec: {
      capacity: { storage: "1Ti" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      // Nothing ever writes there: the pods that would are played, too.
      hostPath: { path: "/nonexistent" },
    },
  };
}

/** A volume whose claim is gone stays that claim's: after a destroy it is given free for the next one. */
async function releaseVolume(client: ApiClient): Promise<void> {
  const path = `/api/v1/persistentvolumes/${volumeName}`;
  const { body } = await client.request("GET", path);
  if (JSON.stringify(body).includes('"phase":"Released"')) {
    await client.request("PATCH", path, {
      body: { spec: { claimRef: null } },
      contentType: "application/merge-patch+json",
    });
  }
}
