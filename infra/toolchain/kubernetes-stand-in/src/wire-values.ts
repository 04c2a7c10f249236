import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import { isList, isObject, withoutNulls } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** How Pulumi marks special values inside messages: an object with this key says by its value what it is. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
/** Stands for a string, number, boolean, list, object … that a preview does not know yet. */
const unknownValues: readonly string[] = [
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];
export const unknownValue: string = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function fromStruct(struct: structPb.Struct | undefined): JsonObject {
  return struct?.toJavaScript() ?? {};
}

export function toStruct(value: JsonObject): structPb.Struct {
  return structPb.Struct.fromJavaScript(value);
}

export function isSecret(value: Json | undefined): value is JsonObject {
  return isObject(value) && value[signatureKey] === secretSignature;
}

export function toSecret(value: Json): JsonObject {
  return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

export function isUnknown(value: Json | undefined): boolean {
  return typeof value === "string" && unknownValues.includes(value);
}

export function hasUnknown(value: Json | undefined): boolean {
  if (isList(value)) {
    return value.some(hasUnknown);
  }
  return isObject(value) ? Object.values(value).some(hasUnknown) : isUnknown(value);
}

/** The value without the marks of secrets and without nulls: what the API server gets. Never to be logged. */
export function reveal(value: JsonObject): JsonObject {
  const plain = withoutNulls(revealValue(value));
  return isObject(plain) ? plain : {};
}

export function revealValue(value: Json): Json {
  if (isSecret(value)) {
    return revealValue(value["value"] ?? null);
  }
  if (isList(value)) {
    return value.map(revealValue);
  }
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealValue(item)]));
  }
  return value;
}

/** Marks in `plain` what is marked as secret at the same place of `marked`. */
export function markSecretsLike(plain: Json, marked: Json | undefined): Json {
  if (isSecret(marked)) {
    return toSecret(plain);
  }
  if (isList(plain) && isList(marked)) {
    // A list of another length may be shifted: if any item was secret, all of it is.
    return plain.length === marked.length || !hasSecret(marked)
      ? plain.map((item, index) => markSecretsLike(item, marked[index]))
      : toSecret(plain);
  }
  if (isObject(plain) && isObject(marked)) {
    const entries = Object.entries(plain);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, markSecretsLike(item, marked[key])]),
    );
  }
  return plain;
}

function hasSecret(value: Json | undefined): boolean {
  if (isSecret(value)) {
    return true;
  }
  if (isList(value)) {
    return value.some(hasSecret);
  }
  return isObject(value) && Object.values(value).some(hasSecret);
}
