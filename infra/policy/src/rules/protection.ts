import type { Facts } from "../facts.ts";
import { describe, isKind } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/** What a wrong `destroy` or a rename would cost days to get back, or never. */
const precious = [
  { group: "cluster.x-k8s.io", kind: "Cluster", loses: "every node of the hall" },
  { group: "cluster.x-k8s.io", kind: "ClusterClass", loses: "what its clusters are made of" },
  { group: "metal3.io", kind: "BareMetalHost", loses: "the machine's disks, as Metal3 wipes it" },
  { group: "postgresql.cnpg.io", kind: "Cluster", loses: "the state of the other stacks" },
  { group: "", kind: "Namespace", loses: "everything in it" },
] as const;

/** `retainOnDelete` of hosts is not shown to policies; the inventory project's own tests see it. */
function check(resource: Resource, facts: Facts): readonly string[] {
  if (facts.profile !== "production" || resource.isProtected) {
    return [];
  }
  const found = precious.find(({ group, kind }) => isKind(resource, group, kind));
  return found === undefined
    ? []
    : [
        `${describe(resource)} is not protected, and deleting it loses ${found.loses}. Set protect: true on it. (A local stack says so with \`pulumi config set ertis:profile local\`.)`,
      ];
}

export const protection: ResourceRule = {
  kind: "resource",
  name: "protection",
  description:
    "In production, clusters, hosts, namespaces and the state database cannot be deleted by accident.",
  check,
};
