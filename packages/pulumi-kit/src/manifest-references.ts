import type { Manifest } from "@ertis/charts";
import { apiGroup, kindWithGroup, manifestKey } from "./manifest-key.ts";
import { textsAt } from "./paths.ts";
import { isRecord } from "./record.ts";

/** A set's objects, and what is looked up in it. */
export interface SetIndex {
  readonly byKey: ReadonlyMap<string, Manifest>;
  /** `group/Kind` to the key of the CustomResourceDefinition that brings it. */
  readonly definitions: ReadonlyMap<string, string>;
  /** `namespace/name` of a service account to the keys of the bindings that give it rights. */
  readonly bindings: ReadonlyMap<string, readonly string[]>;
}

export function indexManifests(manifests: readonly Manifest[]): SetIndex {
  const bindings = new Map<string, string[]>();
  const definitions = new Map<string, string>();
  for (const manifest of manifests) {
    const key = manifestKey(manifest);
    if (manifest.kind === "CustomResourceDefinition") {
      const [group = ""] = textsAt(manifest, "spec.group");
      const [kind = ""] = textsAt(manifest, "spec.names.kind");
      definitions.set(`${group}/${kind}`, key);
    }
    for (const subject of namedObjects(manifest["subjects"])) {
      const account = `${subject.namespace ?? ""}/${subject.name}`;
      bindings.set(account, [...(bindings.get(account) ?? []), key]);
    }
  }
  const byKey = new Map(manifests.map((manifest) => [manifestKey(manifest), manifest]));
  return { byKey, definitions, bindings };
}

/**
 * The keys of what must stand before an object and go after it, as far as the object's own text names
 * them. Only these: a thousand hosts get an edge to their namespace each, not a thousand edges each.
 */
export function findReferences(manifest: Manifest, index: SetIndex): readonly string[] {
  const { namespace } = manifest.metadata;
  const definition = index.definitions.get(`${apiGroup(manifest.apiVersion)}/${manifest.kind}`);
  const { metadata: _, ...content } = manifest;
  const keys = [
    ...(definition === undefined ? [] : [definition]),
    ...namedObjects(content).flatMap((named) => toKeys(named.kind, named.name, manifest, named)),
    ...(fieldReferences[kindWithGroup(manifest)] ?? []).flatMap(({ path, kind }) =>
      textsAt(manifest, path).flatMap((name) => toKeys(kind, name, manifest)),
    ),
    ...textsAt(manifest, "spec.template.spec.serviceAccountName").flatMap(
      (account) => index.bindings.get(`${namespace ?? ""}/${account}`) ?? [],
    ),
    ...(namespace === undefined ? [] : [`Namespace/${namespace}`]),
  ];
  const self = manifestKey(manifest);
  return [...new Set(keys)].filter((key) => key !== self && index.byKey.has(key));
}

interface FieldReference {
  /** Where the name stands; `[]` goes through the items of a list. */
  readonly path: string;
  /** The kind of the object that has this name. */
  readonly kind: string;
}

/** Pods need their account with its rights, their priority and their configuration from the start. */
const podReferences: readonly FieldReference[] = [
  { path: "spec.template.spec.serviceAccountName", kind: "ServiceAccount" },
  { path: "spec.template.spec.priorityClassName", kind: "PriorityClass" },
  { path: "spec.template.spec.volumes[].configMap.name", kind: "ConfigMap" },
  {
    path: "spec.template.spec.volumes[].persistentVolumeClaim.claimName",
    kind: "PersistentVolumeClaim",
  },
  { path: "spec.template.spec.volumes[].secret.secretName", kind: "ExternalSecret" },
  { path: "spec.template.spec.volumes[].secret.secretName", kind: "Certificate" },
  { path: "spec.template.spec.containers[].envFrom[].configMapRef.name", kind: "ConfigMap" },
];

/** Fields that hold a bare name. References with kind and name, such as `templateRef`, are found as such. */
const fieldReferences: Readonly<Record<string, readonly FieldReference[]>> = {
  "Deployment.apps": podReferences,
  "StatefulSet.apps": podReferences,
  "DaemonSet.apps": podReferences,
  "Job.batch": podReferences,
  // A host is deprovisioned through its BMC, so the credentials go after it.
  "BareMetalHost.metal3.io": [{ path: "spec.bmc.credentialsName", kind: "ExternalSecret" }],
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

/** In a namespace and without one: whichever is in the set. */
function toKeys(
  kind: string,
  name: string,
  from: Manifest,
  place: { readonly namespace?: string } = {},
): readonly string[] {
  return [`${kind}/${place.namespace ?? from.metadata.namespace ?? ""}/${name}`, `${kind}/${name}`];
}

interface NamedObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** Every `{kind, name}` anywhere inside: role, template, issuer, store, subject. */
function namedObjects(value: unknown): readonly NamedObject[] {
  if (Array.isArray(value)) {
    return value.flatMap(namedObjects);
  }
  if (!isRecord(value)) {
    return [];
  }
  const { kind, name, namespace } = value;
  const own =
    typeof kind === "string" && typeof name === "string"
      ? [{ kind, name, ...(typeof namespace === "string" ? { namespace } : {}) }]
      : [];
  return [...own, ...Object.values(value).flatMap(namedObjects)];
}
