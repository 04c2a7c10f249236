import { gpuTaint } from "@ertis/provisioning-model";
import { at, fieldsAt, listAt, textAt, unknownValue } from "../fields.ts";
import { findPod } from "../pods.ts";
import type { Pod } from "../pods.ts";
import { describe } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

const queueLabel = "kueue.x-k8s.io/queue-name";

/** A pod that takes GPUs outside a queue takes watts that nobody counted. */
function check(resource: Resource): readonly string[] {
  const pod = findPod(resource);
  if (pod === undefined || !asksForGpus(pod)) {
    return [];
  }
  const tolerations = at(pod.spec, "tolerations");
  const labels = at(resource.inputs, "metadata", "labels");
  const isQueued =
    labels === unknownValue ||
    at(labels, queueLabel) !== undefined ||
    at(pod.labels, queueLabel) !== undefined;
  return [
    ...(tolerations === unknownValue || listAt(pod.spec, "tolerations").some(isForGpus)
      ? []
      : [
          `${describe(resource)} asks for GPUs but does not tolerate the taint ${gpuTaint.key}, so it never starts. Add {key: ${gpuTaint.key}, operator: Exists, effect: ${gpuTaint.effect}} to its tolerations.`,
        ]),
    ...(isQueued
      ? []
      : [
          `${describe(resource)} asks for GPUs outside any queue, so its watts are in no budget. Give it the label ${queueLabel}.`,
        ]),
  ];
}

function asksForGpus(pod: Pod): boolean {
  return pod.containers.some(({ fields }) =>
    ["requests", "limits"].some((side) =>
      Object.keys(fieldsAt(fields, "resources", side)).some((name) =>
        name.startsWith("nvidia.com/"),
      ),
    ),
  );
}

/** A toleration without a key tolerates everything. */
function isForGpus(toleration: unknown): boolean {
  const key = textAt(toleration, "key");
  return key === gpuTaint.key || (key === undefined && textAt(toleration, "operator") === "Exists");
}

export const gpuPods: ResourceRule = {
  kind: "resource",
  name: "gpu-pods",
  description: "Pods with GPUs are queued and tolerate the taint of GPU nodes.",
  check,
};
