/** What the engine's messages and the API server's answers are made of. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** What a parser of JSON, or of YAML without tags, returns is JSON; nothing is looked at. */
export function toJson(parsed: unknown): Json {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parsers' own promise, and looking costs time at every object
  return parsed as Json;
}

/** A path into a value, from its root. */
export type Path = readonly (string | number)[];

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function objectAt(value: Json | undefined, ...path: Path): JsonObject {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}

export function stringAt(value: Json | undefined, ...path: Path): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : undefined;
}

export function numberAt(value: Json | undefined, ...path: Path): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "number" ? found : undefined;
}

export function listAt(value: Json | undefined, ...path: Path): readonly Json[] {
  const found = valueAt(value, ...path);
  return isList(found) ? found : [];
}

export function valueAt(value: Json | undefined, ...path: Path): Json | undefined {
  let current: Json | undefined = value;
  for (const step of path) {
    if (typeof step === "number") {
      current = isList(current) ? current[step] : undefined;
    } else {
      current = isObject(current) && Object.hasOwn(current, step) ? current[step] : undefined;
    }
  }
  return current;
}

/** The same value with one place changed; missing objects on the way are made. */
export function withValue(root: JsonObject, path: readonly string[], value: Json): JsonObject {
  const [first, ...rest] = path;
  if (first === undefined) {
    return root;
  }
  return {
    ...root,
    [first]: rest.length === 0 ? value : withValue(objectAt(root, first), rest, value),
  };
}

export function withoutKeys(root: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(root).filter(([key]) => !keys.includes(key)));
}

export function isEqual(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) {
    return true;
  }
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((item, index) => isEqual(item, right[index]));
  }
  if (isObject(left) && isObject(right)) {
    const keys = Object.keys(left);
    return (
      keys.length === Object.keys(right).length &&
      keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key], right[key]))
    );
  }
  return false;
}

/** A path as Pulumi writes it: `spec.containers[0].image`, `data["a.b"]`. */
export function toPropertyPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") {
      text += `[${step}]`;
    } else if (/^[A-Za-z_$][\w$-]*$/.test(step)) {
      text += text === "" ? step : `.${step}`;
    } else {
      text += `[${JSON.stringify(step)}]`;
    }
  }
  return text;
}

/** Objects without the keys whose value is null: to Pulumi both mean "not set". */
export function withoutNulls(value: Json): Json {
  if (isList(value)) {
    return value.map(withoutNulls);
  }
  if (!isObject(value)) {
    return value;
  }
  const kept: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== null) {
      kept[key] = withoutNulls(item);
    }
  }
  return kept;
}
