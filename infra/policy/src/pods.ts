import { at, fieldsAt, listAt, textAt } from "./fields.ts";
import { isKind } from "./resource.ts";
import type { Resource } from "./resource.ts";

/** Kinds that make pods, and where their pod template lies. */
const makers = [
  { group: "", kind: "Pod", path: [] },
  { group: "apps", kind: "Deployment", path: ["spec", "template"] },
  { group: "apps", kind: "StatefulSet", path: ["spec", "template"] },
  { group: "apps", kind: "DaemonSet", path: ["spec", "template"] },
  { group: "apps", kind: "ReplicaSet", path: ["spec", "template"] },
  { group: "batch", kind: "Job", path: ["spec", "template"] },
  { group: "batch", kind: "CronJob", path: ["spec", "jobTemplate", "spec", "template"] },
] as const;

export interface Pod {
  readonly namespace: string;
  readonly labels: unknown;
  /** The pod's `spec`; may be unknown. */
  readonly spec: unknown;
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  readonly fields: unknown;
}

/** The pod a resource makes; undefined for everything that makes none itself. */
export function findPod(resource: Resource): Pod | undefined {
  const maker = makers.find(({ group, kind }) => isKind(resource, group, kind));
  if (maker === undefined) {
    return undefined;
  }
  const template = at(resource.inputs, ...maker.path);
  const spec = at(template, "spec");
  return {
    namespace: textAt(resource.inputs, "metadata", "namespace") ?? "default",
    labels: fieldsAt(template, "metadata", "labels"),
    spec,
    containers: [...listAt(spec, "initContainers"), ...listAt(spec, "containers")].map(
      (fields) => ({ name: textAt(fields, "name") ?? "?", fields }),
    ),
  };
}
