import { randomBytes } from "node:crypto";
import type { KubernetesObject } from "../kubernetes/api-client.ts";
import { recordAt, textAt } from "./rows.ts";

/** The kubeconfig of a cluster, as Cluster API keeps it beside the Cluster. */
export function kubeconfigSecret(cluster: KubernetesObject, kubeconfig: string): KubernetesObject {
  const { name } = cluster.metadata;
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "cluster.x-k8s.io/secret",
    metadata: {
      ...placeOf(cluster, `${name}-kubeconfig`),
      labels: { "cluster.x-k8s.io/cluster-name": name },
    },
    data: { value: Buffer.from(kubeconfig).toString("base64") },
  };
}

/** What an ExternalSecret asks for, with random values: there is no secret store to read from. */
export function externalSecretTarget(external: KubernetesObject): KubernetesObject {
  const spec = recordAt(external["spec"]);
  const target = recordAt(spec["target"]);
  const template = recordAt(target["template"]);
  const labels = recordAt(recordAt(template["metadata"])["labels"]);
  const entries = Array.isArray(spec["data"]) ? spec["data"] : [];
  const keys = entries.flatMap((entry) => textAt(entry, "secretKey") ?? []);
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: textAt(template, "type") ?? "Opaque",
    metadata: {
      ...placeOf(external, textAt(target, "name") ?? external.metadata.name),
      labels: Object.fromEntries(
        Object.entries(labels).map(([key, value]) => [key, String(value)]),
      ),
    },
    data: Object.fromEntries(keys.map((key) => [key, randomBytes(24).toString("base64")])),
  };
}

/** It goes when its owner goes. */
function placeOf(owner: KubernetesObject, name: string): KubernetesObject["metadata"] {
  const { namespace, uid, name: ownerName } = owner.metadata;
  const { apiVersion, kind } = owner;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ownerReferences: [{ apiVersion, kind, name: ownerName, uid, controller: true }],
  };
}
