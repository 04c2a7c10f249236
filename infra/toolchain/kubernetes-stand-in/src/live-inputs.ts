import { isEqual, isList, isObject, stringAt, valueAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** Keys by which lists of objects are told apart, as the API server merges them. */
const listKeys: readonly string[] = [
  "name",
  "key",
  "type",
  "mountPath",
  "containerPort",
  "port",
  "ip",
  "topologyKey",
];

/**
 * The inputs as the live object has them: the shape of the old inputs, so that what others added does not
 * show. Where the live value is still what it was after our last operation, the input stays as it was
 * written, for servers write values in another form ("1000m" is "1").
 */
export function toLiveInputs(
  oldInputs: JsonObject,
  live: JsonObject,
  oldOutputs: JsonObject,
): JsonObject {
  return projectObject(oldInputs, live, oldOutputs);
}

function project(input: Json, live: Json, known: Json | undefined): Json {
  if (known !== undefined && isEqual(live, known) && !isObject(input)) {
    return input;
  }
  if (isObject(input) && isObject(live)) {
    return projectObject(input, live, known);
  }
  if (isList(input) && isList(live)) {
    return projectList(input, live, known);
  }
  return live;
}

function projectObject(input: JsonObject, live: JsonObject, known: Json | undefined): JsonObject {
  const projected: Record<string, Json> = {};
  for (const [key, value] of Object.entries(input)) {
    const liveValue = live[key];
    if (liveValue !== undefined && liveValue !== null) {
      projected[key] = project(value, liveValue, valueAt(known, key));
    } else if (
      isNothing(value) ||
      (isObject(known) && known[key] === undefined && Object.keys(known).length > 0)
    ) {
      // The server never showed this field, such as an empty list that it leaves out.
      projected[key] = value;
    }
  }
  return projected;
}

function isNothing(value: Json): boolean {
  return (
    value === null ||
    value === "" ||
    value === false ||
    value === 0 ||
    (isList(value) && value.length === 0) ||
    (isObject(value) && Object.values(value).every(isNothing))
  );
}

function projectList(input: readonly Json[], live: readonly Json[], known: Json | undefined): Json {
  const key = listKeys.find((candidate) => isKeyed(input, candidate) && isKeyed(live, candidate));
  const knownList = isList(known) ? known : [];
  if (key !== undefined) {
    const find = (list: readonly Json[], item: Json): Json | undefined =>
      list.find((other) => isEqual(valueAt(other, key), valueAt(item, key)));
    return input.flatMap((item) => {
      const found = find(live, item);
      return found === undefined ? [] : [project(item, found, find(knownList, item))];
    });
  }
  if (input.length === live.length) {
    return input.map((item, index) => project(item, live[index] ?? null, knownList[index]));
  }
  return live;
}

function isKeyed(list: readonly Json[], key: string): boolean {
  const values = list.map((item) => valueAt(item, key));
  return (
    values.every((value) => typeof value === "string" || typeof value === "number") &&
    new Set(values).size === values.length
  );
}

/** A Secret's texts live on as data: compares them there. */
export function toLiveStringData(oldInputs: JsonObject, live: JsonObject): JsonObject | undefined {
  const texts = oldInputs["stringData"];
  if (!isObject(texts)) {
    return undefined;
  }
  const projected: Record<string, Json> = {};
  for (const key of Object.keys(texts)) {
    const encoded = stringAt(live, "data", key);
    if (encoded !== undefined) {
      projected[key] = Buffer.from(encoded, "base64").toString("utf8");
    }
  }
  return projected;
}
