import { groupOf } from "./resource-type.ts";
import type { ResourceType } from "./resource-type.ts";

const always: readonly string[] = ["kind", "metadata.name", "metadata.namespace"];

/** Fields that no API server lets change after creation, by group and kind. */
const byKind: ReadonlyMap<string, readonly string[]> = new Map([
  ["apps/Deployment", ["spec.selector"]],
  ["apps/DaemonSet", ["spec.selector"]],
  ["apps/ReplicaSet", ["spec.selector"]],
  [
    "apps/StatefulSet",
    ["spec.selector", "spec.serviceName", "spec.volumeClaimTemplates", "spec.podManagementPolicy"],
  ],
  ["batch/Job", ["spec.template", "spec.selector", "spec.completionMode"]],
  [
    "/PersistentVolumeClaim",
    [
      "spec.accessModes",
      "spec.selector",
      "spec.storageClassName",
      "spec.volumeMode",
      "spec.volumeName",
    ],
  ],
  ["/Secret", ["type"]],
  ["/Service", ["spec.clusterIP"]],
  [
    "apiextensions.k8s.io/CustomResourceDefinition",
    ["spec.group", "spec.scope", "spec.names.plural", "spec.names.kind"],
  ],
  ["rbac.authorization.k8s.io/RoleBinding", ["roleRef"]],
  ["rbac.authorization.k8s.io/ClusterRoleBinding", ["roleRef"]],
  ["scheduling.k8s.io/PriorityClass", ["value", "preemptionPolicy"]],
  [
    "storage.k8s.io/StorageClass",
    ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
  ],
]);

const contentFields: readonly string[] = ["data", "binaryData", "stringData"];

export interface MutabilityRules {
  readonly isConfigMapMutable: boolean;
  readonly isSecretMutable: boolean;
}

/** The dotted places whose change means a new object. */
export function immutableFields(type: ResourceType, rules: MutabilityRules): readonly string[] {
  const group = groupOf(type.apiVersion);
  const own = byKind.get(`${group}/${type.kind}`) ?? [];
  const isFrozen =
    group === "" &&
    ((type.kind === "ConfigMap" && !rules.isConfigMapMutable) ||
      (type.kind === "Secret" && !rules.isSecretMutable));
  return [...always, ...own, ...(isFrozen ? contentFields : [])];
}
