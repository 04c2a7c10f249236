import { listAt, textAt } from "../fields.ts";
import { describe, isKind } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/** Services that callers outside the cluster reach, as `namespace/name`; each is a decision. */
const exposed: ReadonlySet<string> = new Set([]);

function check(resource: Resource): readonly string[] {
  if (!isKind(resource, "", "Service")) {
    return [];
  }
  const type = textAt(resource.inputs, "spec", "type") ?? "ClusterIP";
  const namespace = textAt(resource.inputs, "metadata", "namespace") ?? "default";
  const name = textAt(resource.inputs, "metadata", "name") ?? "";
  const isExposed = type === "LoadBalancer" || type === "NodePort";
  const addresses = listAt(resource.inputs, "spec", "externalIPs");
  if (exposed.has(`${namespace}/${name}`) || (!isExposed && addresses.length === 0)) {
    return [];
  }
  const how = isExposed ? `is of type ${type}` : "has externalIPs";
  return [
    `${describe(resource)} ${how} and opens the cluster to its network. Make it a ClusterIP, or add it to the exposed services in infra/policy/src/rules/public-services.ts with its reason.`,
  ];
}

export const publicServices: ResourceRule = {
  kind: "resource",
  name: "public-services",
  description: "Only listed services are reachable from outside their cluster.",
  check,
};
