import type { Manifest } from "@ertis/charts";
import { apiGroup, kindWithGroup, manifestKey } from "./manifest-key.ts";
import { namedObjects, textsInside } from "./named-objects.ts";
import { textsAt } from "./paths.ts";
import { addonKey, anyNamespace } from "./set-index.ts";
import type { PlacedAddon, SetIndex } from "./set-index.ts";

/**
 * The keys of what must stand before an object and go after it, as far as the object's own text names
 * them. Only these: a thousand hosts get an edge or two each, not a thousand each.
 */
export function needsOfManifest(manifest: Manifest, index: SetIndex): readonly string[] {
  const { namespace } = manifest.metadata;
  const group = apiGroup(manifest.apiVersion);
  const { metadata: _, ...content } = manifest;
  return present(
    [
      index.definitions.get(`${group}/${manifest.kind}`),
      index.groups.get(group),
      ...namedObjects(content).flatMap(({ kind, name, namespace: other }) =>
        toKeys(kind, name, other ?? namespace),
      ),
      ...(fieldReferences[kindWithGroup(manifest)] ?? []).flatMap(({ path, kind }) =>
        textsAt(manifest, path).flatMap((name) => toKeys(kind, name, namespace)),
      ),
      ...textsAt(manifest, "spec.template.spec.serviceAccountName").flatMap(
        (account) => index.bindings.get(`${namespace ?? ""}/${account}`) ?? [],
      ),
      ...secretsNamedIn(content, namespace, index),
      namespace === undefined ? undefined : `Namespace/${namespace}`,
    ],
    manifestKey(manifest),
    index,
  );
}

/** What an add-on needs: its namespace, other add-ons, and the Secrets that its values name. */
export function needsOfAddon(addon: PlacedAddon, index: SetIndex): readonly string[] {
  const { name, namespace, dependsOn } = addon.description;
  return present(
    [
      ...dependsOn.map(addonKey),
      ...secretsNamedIn(addon.values, namespace, index),
      `Namespace/${namespace}`,
    ],
    addonKey(name),
    index,
  );
}

/** In the set, each once, never itself, and without a namespace that another need implies. */
function present(
  keys: readonly (string | undefined)[],
  self: string,
  index: SetIndex,
): readonly string[] {
  const unique = [...new Set(keys)]
    .filter((key) => key !== undefined)
    .filter((key) => key !== self && (index.manifests.has(key) || index.addons.has(key)));
  const implied = new Set(unique.map((key) => namespaceOf(key, index)));
  return unique.filter((key) => {
    const need = index.manifests.get(key);
    return need?.kind !== "Namespace" || !implied.has(need.metadata.name);
  });
}

function namespaceOf(key: string, index: SetIndex): string | undefined {
  return (
    index.manifests.get(key)?.metadata.namespace ?? index.addons.get(key)?.description.namespace
  );
}

/**
 * What makes the Secrets that a text inside is the name of: in the same namespace, or in any for what
 * has none.
 */
function secretsNamedIn(
  content: unknown,
  namespace: string | undefined,
  index: SetIndex,
): readonly string[] {
  if (index.secretMakers.size === 0) {
    return [];
  }
  return [...textsInside(content)]
    .map((text) => index.secretMakers.get(`${namespace ?? anyNamespace}/${text}`))
    .filter((maker) => maker !== undefined);
}

interface FieldReference {
  /** Where the name stands; `[]` goes through the items of a list. */
  readonly path: string;
  /** The kind of the object that has this name. */
  readonly kind: string;
}

/** Pods need their account, priority and configuration from the start. */
const podReferences: readonly FieldReference[] = [
  { path: "spec.template.spec.serviceAccountName", kind: "ServiceAccount" },
  { path: "spec.template.spec.priorityClassName", kind: "PriorityClass" },
  { path: "spec.template.spec.volumes[].configMap.name", kind: "ConfigMap" },
  {
    path: "spec.template.spec.volumes[].persistentVolumeClaim.claimName",
    kind: "PersistentVolumeClaim",
  },
  { path: "spec.template.spec.containers[].envFrom[].configMapRef.name", kind: "ConfigMap" },
];

/** Fields that hold a bare name. References with kind and name, such as `templateRef`, are found as such. */
const fieldReferences: Readonly<Record<string, readonly FieldReference[]>> = {
  "Deployment.apps": podReferences,
  "StatefulSet.apps": podReferences,
  "DaemonSet.apps": podReferences,
  "Job.batch": podReferences,
  "Metal3MachineTemplate.infrastructure.cluster.x-k8s.io": [
    { path: "spec.template.spec.dataTemplate.name", kind: "Metal3DataTemplate" },
  ],
  "Cluster.cluster.x-k8s.io": [{ path: "spec.topology.classRef.name", kind: "ClusterClass" }],
  // Kueue holds back the deletion of a flavor that a queue uses.
  "ResourceFlavor.kueue.x-k8s.io": [{ path: "spec.topologyName", kind: "Topology" }],
  "Cohort.kueue.x-k8s.io": [{ path: "spec.parentName", kind: "Cohort" }],
  "ClusterQueue.kueue.x-k8s.io": [
    { path: "spec.cohortName", kind: "Cohort" },
    { path: "spec.resourceGroups[].flavors[].name", kind: "ResourceFlavor" },
    { path: "spec.admissionChecksStrategy.admissionChecks[].name", kind: "AdmissionCheck" },
  ],
  "LocalQueue.kueue.x-k8s.io": [{ path: "spec.clusterQueue", kind: "ClusterQueue" }],
  "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io": [
    { path: "spec.policyName", kind: "ValidatingAdmissionPolicy" },
  ],
};

/** In the namespace and without one: whichever is in the set. */
function toKeys(kind: string, name: string, namespace: string | undefined): readonly string[] {
  return [`${kind}/${namespace ?? ""}/${name}`, `${kind}/${name}`];
}
