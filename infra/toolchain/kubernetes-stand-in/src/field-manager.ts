import { createHash } from "node:crypto";
import { isList, isObject, listAt, objectAt, stringAt, toJson, valueAt } from "./json.ts";
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

/** Hand edits by kubectl, and fields from before the first apply, count as ours at the next update, as with the real plugin. */
export function isTakenOver(entry: Json, fieldManager: string): boolean {
  const manager = stringAt(entry, "manager") ?? "";
  const operation = stringAt(entry, "operation");
  return (
    (manager === fieldManager && operation === "Update") ||
    (manager === "before-first-apply" && operation === "Update") ||
    manager.startsWith("kubectl")
  );
}

/**
 * A created object's fields belong to our name with the operation Update, and an apply would neither change
 * them without a conflict nor remove them. This patch makes them, and `kubectl`'s, belong to our name with
 * the operation Apply; undefined where nothing is to do.
 */
export function ownershipPatch(
  live: JsonObject,
  fieldManager: string,
  options: { readonly isKubectlTakenOver: boolean },
): readonly Json[] | undefined {
  const entries = listAt(live, "metadata", "managedFields");
  const isWhole = (entry: Json): boolean => (stringAt(entry, "subresource") ?? "") === "";
  const taken = entries.filter(
    (entry) =>
      isWhole(entry) &&
      isTakenOver(entry, fieldManager) &&
      (options.isKubectlTakenOver || stringAt(entry, "manager") === fieldManager),
  );
  const resourceVersion = stringAt(live, "metadata", "resourceVersion");
  const first = taken[0];
  if (!isObject(first) || resourceVersion === undefined) {
    return undefined;
  }
  const isApplied = (entry: Json): boolean =>
    isWhole(entry) &&
    stringAt(entry, "manager") === fieldManager &&
    stringAt(entry, "operation") === "Apply";
  const applied = entries.find(isApplied);
  let fields: JsonObject = {};
  for (const entry of applied === undefined ? taken : [applied, ...taken]) {
    fields = merge(fields, objectAt(entry, "fieldsV1"));
  }
  const ours = { ...first, manager: fieldManager, operation: "Apply", fieldsV1: fields };
  const others = entries.filter((entry) => !taken.includes(entry) && !isApplied(entry));
  return [
    { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    { op: "replace", path: "/metadata/managedFields", value: [...others, ours] },
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
    const value = name === undefined ? undefined : live[name];
    if (name !== undefined && value !== undefined) {
      selected[name] = selectValue(value, isObject(inner) ? inner : {});
    }
  }
  return selected;
}

/** A place without fields of its own in the set is owned as a whole. */
function selectValue(value: Json, set: JsonObject): Json {
  const keys = Object.keys(set);
  if (isObject(value) && keys.some((key) => key.startsWith("f:"))) {
    return selectFields(value, set);
  }
  const itemKeys = keys.filter((key) => key.startsWith("k:"));
  if (!isList(value) || itemKeys.length === 0) {
    return value;
  }
  const owners = itemKeys.map((key) => ({
    identity: toJson(JSON.parse(key.slice(2))),
    set: objectAt(set, key),
  }));
  return value.flatMap((item) => {
    const owner = owners.find(({ identity }) => isIdentifiedBy(item, identity));
    return owner === undefined || !isObject(item) ? [] : [selectFields(item, owner.set)];
  });
}

function isIdentifiedBy(item: Json, identity: Json): boolean {
  return Object.entries(objectAt(identity)).every(([key, value]) => valueAt(item, key) === value);
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return merged;
}
