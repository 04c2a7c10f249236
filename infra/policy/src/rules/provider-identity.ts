import { at, unknownValue } from "../fields.ts";
import { kubernetesProviderType } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

function check(resource: Resource): readonly string[] {
  if (resource.type !== kubernetesProviderType) {
    return [];
  }
  if (resource.name.startsWith("default")) {
    return [
      "A resource has no provider of its own, so it would go to whatever cluster the caller's kubeconfig points at. Pass context.management() or context.workload() as its provider.",
    ];
  }
  const identifier = at(resource.inputs, "clusterIdentifier");
  return identifier === unknownValue || (typeof identifier === "string" && identifier !== "")
    ? []
    : [
        `Provider ${resource.name} has no clusterIdentifier, so a new kubeconfig would replace every object of the stack. Set it to the cluster's name.`,
      ];
}

export const providerIdentity: ResourceRule = {
  kind: "resource",
  name: "provider-identity",
  description: "Every object is sent to a named cluster, and a new kubeconfig does not replace it.",
  check,
};
