import { at, unknownValue } from "../fields.ts";
import { findPod } from "../pods.ts";
import type { Container } from "../pods.ts";
import { describe } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/**
 * What must be said. A limit on cpu is not: it slows a server down while cores stand idle, and the
 * request already gives each its share.
 */
const required = [
  ["requests", "cpu"],
  ["requests", "memory"],
  ["limits", "memory"],
] as const;

function check(resource: Resource): readonly string[] {
  const pod = findPod(resource);
  return (pod?.containers ?? []).flatMap((container) => {
    const missing = findMissing(container);
    return missing.length === 0
      ? []
      : [
          `${describe(resource)}: container ${container.name} has no ${missing.join(", ")}. Set them under resources, or the pod starves its neighbours, and is the first to be killed.`,
        ];
  });
}

function findMissing({ fields }: Container): readonly string[] {
  const resources = at(fields, "resources");
  return required
    .filter((path) => {
      const value = at(resources, ...path);
      return value !== unknownValue && value === undefined;
    })
    .map((path) => path.join("."));
}

export const podResources: ResourceRule = {
  kind: "resource",
  name: "pod-resources",
  description: "Containers request cpu and memory, and have a memory limit.",
  check,
};
