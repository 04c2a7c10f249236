import type { Manifest } from "@ertis/charts";
import { kindWithGroup, manifestKey } from "./manifest-key.ts";
import { findReferences, indexManifests } from "./manifest-references.ts";
import { StackError } from "./stack-error.ts";

export interface OrderedManifest {
  readonly key: string;
  readonly manifest: Manifest;
  /** Keys in the same set, each before this one in the order. */
  readonly needs: readonly string[];
}

/**
 * Brings objects into an order in which each comes after what it needs: what its text names, and what
 * `extraNeeds` adds.
 */
export function orderManifests(
  manifests: readonly Manifest[],
  extraNeeds: (manifest: Manifest) => readonly string[],
): readonly OrderedManifest[] {
  assertUnique(manifests);
  const index = indexManifests(manifests);
  const needs = new Map<string, readonly string[]>();
  for (const [key, manifest] of index.byKey) {
    const extra = extraNeeds(manifest);
    const absent = extra.find((other) => !index.byKey.has(other));
    if (absent !== undefined) {
      throw new StackError(`${key} is to come after ${absent}, which is not in its set`);
    }
    needs.set(key, withoutImplied([...findReferences(manifest, index), ...extra], index.byKey));
  }
  return sortByNeeds(index.byKey, needs);
}

/** An object's namespace is implied by any other need in the same namespace: one edge less in the state. */
function withoutImplied(
  needs: readonly string[],
  byKey: ReadonlyMap<string, Manifest>,
): readonly string[] {
  const unique = [...new Set(needs)];
  const namespaces = new Set(unique.map((key) => byKey.get(key)?.metadata.namespace));
  return unique.filter((key) => {
    const need = byKey.get(key);
    return need?.kind !== "Namespace" || !namespaces.has(need.metadata.name);
  });
}

function assertUnique(manifests: readonly Manifest[]): void {
  const seen = new Map<string, Manifest>();
  for (const manifest of manifests) {
    const key = manifestKey(manifest);
    const other = seen.get(key);
    if (other !== undefined) {
      throw new StackError(
        `Two objects are called ${key}: number ${manifests.indexOf(other) + 1} (${describe(other)}) and ` +
          `number ${manifests.lastIndexOf(manifest) + 1} (${describe(manifest)}) of their set. Rename one.`,
      );
    }
    seen.set(key, manifest);
  }
}

function describe(manifest: Manifest): string {
  return `${kindWithGroup(manifest)} ${manifest.apiVersion}`;
}

/** Depth first, in the order given wherever the needs leave a choice. */
function sortByNeeds(
  byKey: ReadonlyMap<string, Manifest>,
  needs: ReadonlyMap<string, readonly string[]>,
): readonly OrderedManifest[] {
  const ordered: OrderedManifest[] = [];
  const done = new Set<string>();
  const visit = (key: string, path: readonly string[]): void => {
    if (path.includes(key)) {
      throw new StackError(
        `Objects wait for each other: ${[...path.slice(path.indexOf(key)), key].join(" → ")}`,
      );
    }
    const manifest = byKey.get(key);
    if (done.has(key) || manifest === undefined) {
      return;
    }
    const own = needs.get(key) ?? [];
    for (const need of own) {
      visit(need, [...path, key]);
    }
    done.add(key);
    ordered.push({ key, manifest, needs: own });
  };
  for (const key of byKey.keys()) {
    visit(key, []);
  }
  return ordered;
}
