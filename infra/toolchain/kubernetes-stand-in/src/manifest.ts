import { fieldManagerKey } from "./field-manager.ts";
import { isObject, objectAt, withoutKeys, withValue } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import type { ResourceType } from "./resource-type.ts";
import { markSecretsLike, reveal, toSecret } from "./wire-values.ts";

const serverMetadata: readonly string[] = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];
const secretFields: readonly string[] = ["data", "stringData"];

export function isSecretKind(type: ResourceType): boolean {
  return type.kind === "Secret" && type.apiVersion === "v1";
}

/** What is sent to the server: no marks, no nulls, and a Secret's texts as data, for the server owns no other form. */
export function toManifest(type: ResourceType, inputs: JsonObject): JsonObject {
  const plain: JsonObject = { ...reveal(inputs), apiVersion: type.apiVersion, kind: type.kind };
  if (!isSecretKind(type) || !("stringData" in plain)) {
    return plain;
  }
  const data: Record<string, Json> = { ...objectAt(plain, "data") };
  for (const [key, value] of Object.entries(objectAt(plain, "stringData"))) {
    data[key] = Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString(
      "base64",
    );
  }
  return { ...withoutKeys(plain, ["stringData"]), data };
}

/** What goes into the state: the live object without the server's bookkeeping, with secrets where the inputs have them. */
export function toOutputs(
  type: ResourceType,
  live: JsonObject,
  marked: { readonly inputs: JsonObject; readonly fieldManager: string },
): JsonObject {
  const metadata = withoutKeys(objectAt(live, "metadata"), ["managedFields"]);
  const outputs = markSecretsLike({ ...live, metadata }, marked.inputs);
  const withManager = {
    ...(isObject(outputs) ? outputs : {}),
    [fieldManagerKey]: marked.fieldManager,
  };
  return markSecretFields(type, withManager);
}

/** A Secret's contents are secret, whatever the program said. */
export function markSecretFields(type: ResourceType, object: JsonObject): JsonObject {
  if (!isSecretKind(type)) {
    return object;
  }
  const marked: Record<string, Json> = { ...object };
  for (const field of secretFields) {
    const value = marked[field];
    if (value !== undefined && value !== null) {
      marked[field] = toSecret(value);
    }
  }
  return marked;
}

/** A live object as somebody would have written it. */
export function withoutServerFields(live: JsonObject): JsonObject {
  const metadata = withoutKeys(objectAt(live, "metadata"), serverMetadata);
  return withoutKeys(withValue(live, ["metadata"], metadata), ["status"]);
}
