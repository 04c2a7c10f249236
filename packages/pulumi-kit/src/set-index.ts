import type { AddonDescription, AddonPlace, Manifest } from "@ertis/charts";
import { addonValues } from "@ertis/charts";
import { kindWithGroup, manifestKey } from "./manifest-key.ts";
import { namedObjects } from "./named-objects.ts";
import { textsAt } from "./paths.ts";
import { findSecretValues } from "./secret-values.ts";
import { StackError } from "./stack-error.ts";

/** What a set is made of, and what is looked up in it. Keys are `Kind/namespace/name` or `Addon/name`. */
export interface SetIndex {
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly addons: ReadonlyMap<string, PlacedAddon>;
  /** `group/Kind` to the definition that brings it. */
  readonly definitions: ReadonlyMap<string, string>;
  /** API group to the add-on that brings it. */
  readonly groups: ReadonlyMap<string, string>;
  /** `namespace/name` of a service account to the bindings that give it rights. */
  readonly bindings: ReadonlyMap<string, readonly string[]>;
  /** `namespace/name` of a Secret to what makes it: a certificate or a reference to the secret store. */
  readonly secretMakers: ReadonlyMap<string, string>;
}

/** An add-on with the values it is installed with. */
export interface PlacedAddon {
  readonly description: AddonDescription;
  readonly place: AddonPlace;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Stands for the namespace of Secrets that objects without a namespace name. */
export const anyNamespace = "*";

export function addonKey(name: string): string {
  return `Addon/${name}`;
}

export function indexSet(
  manifests: readonly Manifest[],
  descriptions: readonly AddonDescription[],
  place: AddonPlace | undefined,
): SetIndex {
  assertUnique(manifests);
  const bindings = new Map<string, string[]>();
  const definitions = new Map<string, string>();
  const secretMakers = new Map<string, string>();
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
    for (const secret of secretsMadeBy(manifest)) {
      secretMakers.set(`${manifest.metadata.namespace ?? ""}/${secret}`, key);
      secretMakers.set(`${anyNamespace}/${secret}`, key);
    }
  }
  return {
    manifests: new Map(manifests.map((manifest) => [manifestKey(manifest), manifest])),
    addons: placeAddons(descriptions, place),
    groups: new Map(
      descriptions.flatMap(({ crds, name }) => crds.map((group) => [group, addonKey(name)])),
    ),
    definitions,
    bindings,
    secretMakers,
  };
}

function placeAddons(
  descriptions: readonly AddonDescription[],
  place: AddonPlace | undefined,
): ReadonlyMap<string, PlacedAddon> {
  if (place === undefined) {
    return new Map();
  }
  return new Map(
    descriptions.map((description) => [addonKey(description.name), placeAddon(description, place)]),
  );
}

/** Values end in the state and in the cluster in the clear, so none may be a secret. */
function placeAddon(description: AddonDescription, place: AddonPlace): PlacedAddon {
  const values = addonValues(description, place);
  const secrets = findSecretValues(values);
  if (secrets.length > 0) {
    throw new StackError(
      `The values of add-on ${description.name} hold what looks like secrets: ` +
        `${secrets.join(", ")}. Name a Secret that External Secrets fills instead.`,
    );
  }
  return { description, place, values };
}

function secretsMadeBy(manifest: Manifest): readonly string[] {
  switch (kindWithGroup(manifest)) {
    case "Certificate.cert-manager.io":
      return textsAt(manifest, "spec.secretName");
    case "ExternalSecret.external-secrets.io":
      return textsAt(manifest, "spec.target.name");
    default:
      return [];
  }
}

function assertUnique(manifests: readonly Manifest[]): void {
  const seen = new Map<string, Manifest>();
  for (const manifest of manifests) {
    const key = manifestKey(manifest);
    const other = seen.get(key);
    if (other !== undefined) {
      throw new StackError(
        `Two objects are called ${key}: number ${manifests.indexOf(other) + 1} ` +
          `(${other.apiVersion}) and number ${manifests.lastIndexOf(manifest) + 1} ` +
          `(${manifest.apiVersion}) of their set. Rename one.`,
      );
    }
    seen.set(key, manifest);
  }
}
