import { at, listAt, textAt } from "./fields.ts";
import { isKind } from "./resource.ts";
import type { Resource } from "./resource.ts";

/**
 * Kinds that make pods, where their pod template lies, and what Kueue queues as a whole beside single pods:
 * Jobs only. The label of a Deployment means nothing to it, because that integration is off.
 */
const makers = [
  { group: "", kind: "Pod", queued: undefined, path: [] },
  { group: "apps", kind: "Deployment", queued: undefined, path: ["spec", "template"] },
  { group: "apps", kind: "StatefulSet", queued: undefined, path: ["spec", "template"] },
  { group: "apps", kind: "DaemonSet", queued: undefined, path: ["spec", "template"] },
  { group: "apps", kind: "ReplicaSet", queued: undefined, path: ["spec", "template"] },
  { group: "batch", kind: "Job", queued: [], path: ["spec", "template"] },
  {
    group: "batch",
    kind: "CronJob",
    queued: ["spec", "jobTemplate"],
    path: ["spec", "jobTemplate", "spec", "template"],
  },
] as const;

export interface Pod {
  readonly namespace: string;
  /** Labels of its template. */
  readonly labels: unknown;
  /** Labels of what a queue takes or holds as a whole. */
  readonly queuedLabels: unknown;
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
    labels: at(template, "metadata", "labels"),
    queuedLabels:
      maker.queued === undefined
        ? undefined
        : at(resource.inputs, ...maker.queued, "metadata", "labels"),
    spec,
    containers: [...listAt(spec, "initContainers"), ...listAt(spec, "containers")].map(
      (fields) => ({ name: textAt(fields, "name") ?? "?", fields }),
    ),
  };
}
