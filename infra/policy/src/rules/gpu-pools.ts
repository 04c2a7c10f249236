import { gpuTaint, labelNames } from "@ertis/provisioning-model";
import { at, hasUnknown, listAt, textAt } from "../fields.ts";
import { describe, isKind } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { StackRule } from "../rule.ts";

/**
 * Without the taint, whatever is small enough lands on GPU nodes, and a gang that needs whole nodes
 * waits for it. The taint stands on the pool, or in what its nodes register with.
 */
function check(resources: readonly Resource[]): readonly string[] {
  return [...checkPools(resources), ...checkFlavors(resources)];
}

function checkPools(resources: readonly Resource[]): readonly string[] {
  return resources
    .filter((one) => isKind(one, "cluster.x-k8s.io", "Cluster"))
    .flatMap((cluster) =>
      listAt(cluster.inputs, "spec", "topology", "workers", "machineDeployments")
        .filter((pool) => isGpuPool(pool) && !isTainted(pool, resources))
        .map(
          (pool) =>
            `${describe(cluster)}: the node pool ${textAt(pool, "name") ?? "?"} has GPUs but not the taint ${gpuTaint.key}=${gpuTaint.value}:${gpuTaint.effect}. Add it to the pool's taints.`,
        ),
    );
}

/** Pods of a queue get the tolerations of their flavor; without this one none of them starts. */
function checkFlavors(resources: readonly Resource[]): readonly string[] {
  const names = resources
    .filter((one) => isKind(one, "kueue.x-k8s.io", "ClusterQueue"))
    .flatMap(({ inputs }) => listAt(inputs, "spec", "resourceGroups"))
    .filter((group) => listAt(group, "coveredResources").some(isGpuResource))
    .flatMap((group) => listAt(group, "flavors"))
    .map((flavor) => textAt(flavor, "name"));
  return resources
    .filter((one) => isKind(one, "kueue.x-k8s.io", "ResourceFlavor"))
    .filter(({ inputs }) => names.includes(textAt(inputs, "metadata", "name")))
    .filter(({ inputs }) => {
      const tolerations = at(inputs, "spec", "tolerations");
      return !hasUnknown(tolerations) && !listAt(tolerations).some(isForGpus);
    })
    .map(
      (flavor) =>
        `${describe(flavor)} gives out GPUs, but its pods do not tolerate the taint ${gpuTaint.key} of their nodes. Add it to the flavor's tolerations.`,
    );
}

function isGpuResource(name: unknown): boolean {
  return typeof name === "string" && name.startsWith("nvidia.com/");
}

/** A toleration without a key tolerates everything. */
function isForGpus(toleration: unknown): boolean {
  const key = textAt(toleration, "key");
  return key === gpuTaint.key || (key === undefined && textAt(toleration, "operator") === "Exists");
}

function isGpuPool(pool: unknown): boolean {
  const labels = at(pool, "metadata", "labels");
  return (
    textAt(labels, labelNames.role) === "gpu" || textAt(labels, labelNames.gpuModel) !== undefined
  );
}

function isTainted(pool: unknown, resources: readonly Resource[]): boolean {
  const taints = at(pool, "taints");
  if (hasUnknown(taints) || hasTaint(taints)) {
    return true;
  }
  const poolClass = textAt(pool, "class");
  const templates = resources
    .filter((one) => isKind(one, "cluster.x-k8s.io", "ClusterClass"))
    .flatMap(({ inputs }) => listAt(inputs, "spec", "workers", "machineDeployments"))
    .filter((one) => textAt(one, "class") === poolClass)
    .map((one) => textAt(one, "bootstrap", "templateRef", "name"));
  return resources
    .filter(({ inputs }) => templates.includes(textAt(inputs, "metadata", "name")))
    .some(({ inputs }) =>
      hasTaint(
        at(inputs, "spec", "template", "spec", "joinConfiguration", "nodeRegistration", "taints"),
      ),
    );
}

function hasTaint(taints: unknown): boolean {
  return listAt(taints).some(
    (taint) => textAt(taint, "key") === gpuTaint.key && textAt(taint, "effect") === gpuTaint.effect,
  );
}

export const gpuPools: StackRule = {
  kind: "stack",
  name: "gpu-pools",
  description:
    "Node pools with GPUs carry the taint that keeps everything else away, and their queues tolerate it.",
  check,
};
