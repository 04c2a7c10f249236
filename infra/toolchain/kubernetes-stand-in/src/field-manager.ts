import { createHash } from "node:crypto";
import { isObject, listAt, objectAt, stringAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** Where the state keeps the name under which an object's fields are owned. */
export const fieldManagerKey: string = "__fieldManager";

/** The name under which fields are owned: as it was, else as the object asks, else one per resource of the stack. */
export function fieldManagerFor(urn: string, inputs: JsonObject, olds: JsonObject): string {
  const hash = createHash("sha256").update(urn).digest("hex").slice(0, 8);
  return (
    stringAt(inputs, "metadata", "annotations", "pulumi.com/patchFieldManager") ??
    stringAt(olds, fieldManagerKey) ??
    `pulumi-kubernetes-${hash}`
  );
}

/**
 * A created object's fields belong to our name with the operation Update, and an apply would not remove
 * them. This patch makes them belong to our name with the operation Apply; undefined where nothing is to do.
 */
export function ownershipPatch(
  live: JsonObject,
  fieldManager: string,
): readonly Json[] | undefined {
  const entries = listAt(live, "metadata", "managedFields");
  const isOurs = (entry: Json, operation: string): boolean =>
    stringAt(entry, "manager") === fieldManager &&
    stringAt(entry, "operation") === operation &&
    stringAt(entry, "subresource") === undefined;
  const index = entries.findIndex((entry) => isOurs(entry, "Update"));
  const resourceVersion = stringAt(live, "metadata", "resourceVersion");
  if (index === -1 || resourceVersion === undefined) {
    return undefined;
  }
  // With fields already applied under our name, the created ones only need to be let go.
  const isApplied = entries.some((entry) => isOurs(entry, "Apply"));
  const place = `/metadata/managedFields/${index}`;
  return [
    { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    isApplied
      ? { op: "remove", path: place }
      : { op: "replace", path: `${place}/operation`, value: "Apply" },
  ];
}

/** The part of a live object that belongs to a manager; undefined if it owns nothing. */
export function ownedFields(live: JsonObject, fieldManager: string): JsonObject | undefined {
  const sets = listAt(live, "metadata", "managedFields")
    .filter((entry) => stringAt(entry, "manager") === fieldManager)
    .map((entry) => objectAt(entry, "fieldsV1"));
  if (sets.length === 0) {
    return undefined;
  }
  let owned: JsonObject = {};
  for (const set of sets) {
    owned = merge(owned, selectFields(live, set));
  }
  return owned;
}

function selectFields(live: JsonObject, set: JsonObject): JsonObject {
  const selected: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(set)) {
    const name = key.startsWith("f:") ? key.slice(2) : undefined;
    if (name === undefined || !Object.hasOwn(live, name)) {
      continue;
    }
    const value = live[name] ?? null;
    const innerSet = isObject(inner) ? inner : {};
    const isDeep =
      isObject(value) && Object.keys(innerSet).some((innerKey) => innerKey.startsWith("f:"));
    selected[name] = isDeep ? selectFields(value, innerSet) : value;
  }
  return selected;
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return merged;
}
