import { contentHash } from "@ertis/charts";
import { at, hasUnknown, textAt } from "../fields.ts";
import { describe } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/** API groups whose templates roll machines by their name only. */
const groups = [
  "infrastructure.cluster.x-k8s.io/",
  "bootstrap.cluster.x-k8s.io/",
  "controlplane.cluster.x-k8s.io/",
];

/**
 * An edited template under its old name changes nothing that runs, and the next scale-up gets machines
 * unlike the others. Metal3 does not refuse that edit, so this rule does.
 */
function check(resource: Resource): readonly string[] {
  const kind = textAt(resource.inputs, "kind") ?? "";
  const apiVersion = textAt(resource.inputs, "apiVersion") ?? "";
  if (!kind.endsWith("Template") || !groups.some((group) => apiVersion.startsWith(group))) {
    return [];
  }
  const spec = at(resource.inputs, "spec");
  const name = textAt(resource.inputs, "metadata", "name");
  if (name === undefined || hasUnknown(spec)) {
    return [];
  }
  const hash = contentHash(spec);
  return name.endsWith(`-${hash}`)
    ? []
    : [
        `${describe(resource)} is named for another content: its spec has the hash ${hash}, so its name must end in "-${hash}". Name it with contentHash(spec) of @ertis/charts and let what refers to it follow.`,
      ];
}

export const templateNames: ResourceRule = {
  kind: "resource",
  name: "template-names",
  description: "The name of a machine template ends in the hash of its spec.",
  check,
};
