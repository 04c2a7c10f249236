import { gpuTaint } from "@ertis/provisioning-model";
import { at, fieldsAt, listAt, textAt, unknownValue } from "../fields.ts";
import { findPod } from "../pods.ts";
import type { Pod } from "../pods.ts";
import { describe } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

const queueLabel = "kueue.x-k8s.io/queue-name";

/**
 * A pod that takes GPUs outside a queue takes watts that nobody counted. What is queued gets the
 * toleration from its flavor when it is admitted; everything else must bring it.
 */
function check(resource: Resource): readonly string[] {
  const pod = findPod(resource);
  if (pod === undefined || !asksForGpus(pod) || isQueued(pod)) {
    return [];
  }
  const isTolerant =
    at(pod.spec, "tolerations") === unknownValue || listAt(pod.spec, "tolerations").some(isForGpus);
  return [
    `${describe(resource)} asks for GPUs outside any queue, so its watts are in no budget. Give it the label ${queueLabel} under ${placeOfLabel(resource)}.`,
    ...(isTolerant
      ? []
      : [
          `${describe(resource)} asks for GPUs but does not tolerate the taint ${gpuTaint.key}, so it never starts. Put it into a queue, whose flavor tolerates it.`,
        ]),
  ];
}

/** Kueue takes Jobs, JobSets and single pods; its integration of Deployments and the like is off. */
function placeOfLabel({ inputs }: Resource): string {
  switch (inputs["kind"]) {
    case "CronJob":
      return "spec.jobTemplate.metadata";
    case "Job":
    case "Pod":
      return "metadata";
    default:
      return "spec.template.metadata";
  }
}

function isQueued(pod: Pod): boolean {
  return [pod.labels, pod.queuedLabels].some(
    (labels) => labels === unknownValue || at(labels, queueLabel) !== undefined,
  );
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
  description:
    "Pods with GPUs go through a queue, which also tolerates the taint of GPU nodes for them.",
  check,
};
