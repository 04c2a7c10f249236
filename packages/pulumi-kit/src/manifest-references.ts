import type { Manifest } from "@ertis/charts";
import { apiGroup, manifestKey } from "./manifest-key.ts";
import { isRecord } from "./record.ts";

/** What an object needs to be there first, as far as its own text says so; looked up in its set. */
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
    if (manifest.kind === "CustomResourceDefinition") {
      const kind = at(manifest, "spec", "names", "kind");
      definitions.set(
        `${text(at(manifest, "spec", "group"))}/${text(kind)}`,
        manifestKey(manifest),
      );
    }
    for (const subject of list(manifest["subjects"])) {
      const account = `${text(at(subject, "namespace"))}/${text(at(subject, "name"))}`;
      bindings.set(account, [...(bindings.get(account) ?? []), manifestKey(manifest)]);
    }
  }
  const byKey = new Map(manifests.map((manifest) => [manifestKey(manifest), manifest]));
  return { byKey, definitions, bindings };
}

/**
 * The keys of what must stand before an object and go after it. Only what matters: a thousand hosts get
 * an edge to their namespace each, not a thousand edges each.
 */
export function findReferences(manifest: Manifest, index: SetIndex): readonly string[] {
  const { namespace } = manifest.metadata;
  const definition = index.definitions.get(`${apiGroup(manifest.apiVersion)}/${manifest.kind}`);
  const keys = [
    ...(definition === undefined ? [] : [definition]),
    ...roleOfBinding(manifest),
    ...needsOfPods(manifest, index),
    ...(namespace === undefined ? [] : [`Namespace/${namespace}`]),
  ];
  return [...new Set(keys)].filter((key) => index.byKey.has(key));
}

/** A binding to an absent role is refused to whoever does not hold all rights. */
function roleOfBinding(manifest: Manifest): readonly string[] {
  const kind = text(at(manifest, "roleRef", "kind"));
  const name = text(at(manifest, "roleRef", "name"));
  return kind === "Role"
    ? [`Role/${manifest.metadata.namespace ?? ""}/${name}`]
    : [`${kind}/${name}`];
}

/** Pods need their account with its rights, their priority and their configuration from the start. */
function needsOfPods(manifest: Manifest, index: SetIndex): readonly string[] {
  const pods = at(manifest, "spec", "template", "spec");
  const namespace = manifest.metadata.namespace ?? "";
  if (pods === undefined || apiGroup(manifest.apiVersion) !== workloadGroups.get(manifest.kind)) {
    return [];
  }
  const account = text(at(pods, "serviceAccountName"));
  const volumes = list(at(pods, "volumes"));
  const environments = list(at(pods, "containers")).flatMap((container) =>
    list(at(container, "envFrom")),
  );
  return [
    `ServiceAccount/${namespace}/${account}`,
    ...(index.bindings.get(`${namespace}/${account}`) ?? []),
    `PriorityClass/${text(at(pods, "priorityClassName"))}`,
    ...volumes.map((volume) => `ConfigMap/${namespace}/${text(at(volume, "configMap", "name"))}`),
    ...environments.map(
      (from) => `ConfigMap/${namespace}/${text(at(from, "configMapRef", "name"))}`,
    ),
    ...volumes.map(
      (volume) =>
        `PersistentVolumeClaim/${namespace}/${text(at(volume, "persistentVolumeClaim", "claimName"))}`,
    ),
  ];
}

const workloadGroups: ReadonlyMap<string, string> = new Map([
  ["DaemonSet", "apps"],
  ["Deployment", "apps"],
  ["StatefulSet", "apps"],
  ["Job", "batch"],
]);

function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    current = isRecord(current) ? current[name] : undefined;
  }
  return current;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
