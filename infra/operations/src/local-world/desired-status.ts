import { isDeepStrictEqual } from "node:util";
import type { KubernetesObject } from "../kubernetes/api-client.ts";
import { recordAt } from "./rows.ts";
import type { PlayedKind } from "./rows.ts";

/**
 * The status to write, or undefined where the object says it already. Conditions of others stay, and one
 * that is true keeps its time, so that a second look changes nothing.
 */
export function desiredStatus(
  row: PlayedKind,
  object: KubernetesObject,
  now: Date,
): Readonly<Record<string, unknown>> | undefined {
  const present = recordAt(object["status"]);
  const wanted = row.status?.(object) ?? {};
  const conditions = mergeConditions(row, object, now);
  const changed = Object.entries({
    ...wanted,
    ...(conditions === undefined ? {} : { conditions }),
  }).filter(([key, value]) => !isPartOf(value, present[key]));
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function mergeConditions(
  row: PlayedKind,
  { metadata, status }: KubernetesObject,
  now: Date,
): readonly unknown[] | undefined {
  if (row.conditions.length === 0) {
    return undefined;
  }
  const list = recordAt(status)["conditions"];
  const present = (Array.isArray(list) ? list : []).map(recordAt);
  const others = present.filter(({ type }) => !row.conditions.includes(String(type)));
  const generation = metadata.generation ?? 1;
  const ours = row.conditions.map((type) => {
    const before = present.find((condition) => condition["type"] === type);
    // An API that does not keep the generation in conditions drops it.
    const isCurrent =
      before?.["status"] === "True" && (before["observedGeneration"] ?? generation) === generation;
    return isCurrent
      ? before
      : {
          type,
          status: "True",
          reason: "PlayedByLocalWorld",
          message: `${row.controller} is not here: local-world plays it`,
          lastTransitionTime: now.toISOString().replace(/\.\d+Z$/, "Z"),
          observedGeneration: generation,
        };
  });
  return [...others, ...ours];
}

/** Whether everything wanted is there; an API server adds defaults and drops what it does not know. */
function isPartOf(wanted: unknown, present: unknown): boolean {
  if (Array.isArray(wanted) || typeof wanted !== "object" || wanted === null) {
    return isDeepStrictEqual(wanted, present);
  }
  const fields = recordAt(present);
  return Object.entries(wanted).every(([key, value]) => isPartOf(value, fields[key]));
}
