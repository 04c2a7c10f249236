import { isRecord } from "./record.ts";

/** The texts at a path such as `spec.volumes[].configMap.name`; none where something on the way is absent. */
export function textsAt(value: unknown, path: string): readonly string[] {
  let found: readonly unknown[] = [value];
  for (const part of path.split(".")) {
    const isList = part.endsWith("[]");
    const name = isList ? part.slice(0, -2) : part;
    found = found
      .map((item) => (isRecord(item) ? item[name] : undefined))
      .flatMap((item): readonly unknown[] => (isList ? (Array.isArray(item) ? item : []) : [item]));
  }
  return found.filter((item) => typeof item === "string");
}
