import { isObject, listAt, objectAt, stringAt, valueAt, withoutKeys, withValue } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/**
 * The manifest without the fields of `ignoreChanges` that only others own, and with the live value of
 * those that are ours: an apply then neither fights for a field nor gives it up. Places inside lists stay
 * as they are.
 */
export function withIgnoredFields(
  manifest: JsonObject,
  live: JsonObject,
  ignored: { readonly paths: readonly string[]; readonly fieldManager: string },
): JsonObject {
  let result = manifest;
  for (const text of ignored.paths) {
    const path = parsePropertyPath(text);
    const liveValue = path === undefined ? undefined : valueAt(live, ...path);
    if (path === undefined || liveValue === undefined) {
      continue;
    }
    const isOurs = owns(live, path, (manager) => manager === ignored.fieldManager);
    const isTheirs = owns(live, path, (manager) => manager !== ignored.fieldManager);
    result = isTheirs && !isOurs ? withoutPath(result, path) : withValue(result, path, liveValue);
  }
  return result;
}

/** Takes apart `spec.replicas` and `metadata.annotations["a.b/c"]`; undefined where it goes into a list. */
export function parsePropertyPath(text: string): readonly string[] | undefined {
  const path: string[] = [];
  let rest = text;
  while (rest !== "") {
    const step = /^\.?([^.[\]"]+)/.exec(rest) ?? /^\["((?:[^"\\]|\\.)*)"\]/.exec(rest);
    if (step?.[1] === undefined) {
      return undefined;
    }
    path.push(step[1].replaceAll(/\\(.)/g, "$1"));
    rest = rest.slice(step[0].length);
  }
  return path.length === 0 ? undefined : path;
}

function owns(
  live: JsonObject,
  path: readonly string[],
  isManager: (manager: string) => boolean,
): boolean {
  return listAt(live, "metadata", "managedFields").some((entry) => {
    if (!isManager(stringAt(entry, "manager") ?? "")) {
      return false;
    }
    let set: Json | undefined = objectAt(entry, "fieldsV1");
    for (const step of path) {
      set = valueAt(set, `f:${step}`);
    }
    return set !== undefined;
  });
}

function withoutPath(root: JsonObject, path: readonly string[]): JsonObject {
  const [first, ...rest] = path;
  if (first === undefined) {
    return root;
  }
  if (rest.length === 0) {
    return withoutKeys(root, [first]);
  }
  const inner = root[first];
  return isObject(inner) ? { ...root, [first]: withoutPath(inner, rest) } : root;
}
