import type { PropertyChange } from "../engine/run-summary.ts";
import type { KubernetesObject } from "../kubernetes/api-client.ts";

/** The engine's own plugin writes under this name, one a resource. */
const ownManager = "pulumi";

/**
 * Names of those who wrote any of the properties, from what the API server keeps of every field. The
 * stacks' own writer is left out: it wrote what somebody changed.
 */
export function writersOf(
  { metadata }: KubernetesObject,
  properties: readonly PropertyChange[],
): readonly string[] {
  const paths = properties.map(({ path }) => toKeys(path));
  const writers = (metadata.managedFields ?? [])
    .filter(({ manager }) => manager !== undefined && !manager.startsWith(ownManager))
    .filter(({ fieldsV1 }) => paths.some((path) => isWithin(fieldsV1, path)))
    .map(({ manager }) => manager ?? "");
  return [...new Set(writers)];
}

/** Names along a path, without the indexes of lists: fields name list items by their keys. */
function toKeys(path: string): readonly string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[\d+\]|([^.[\]]+)/g)].flatMap(
    ([, quoted, plain]) => quoted ?? plain ?? [],
  );
}

function isWithin(fields: unknown, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) {
    return true;
  }
  if (typeof fields !== "object" || fields === null) {
    return false;
  }
  const entries = Object.entries(fields);
  const own = entries.find(([key]) => key === `f:${first}`);
  if (own !== undefined) {
    return isWithin(own[1], rest);
  }
  // Items of lists stand one level deeper, under their keys.
  return entries.some(([key, inner]) => key.startsWith("k:") && isWithin(inner, path));
}
