import { isRecord } from "./record.ts";

export interface NamedObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** Every `{kind, name}` anywhere inside: role, template, issuer, store, subject. */
export function namedObjects(value: unknown): readonly NamedObject[] {
  if (Array.isArray(value)) {
    return value.flatMap(namedObjects);
  }
  if (!isRecord(value)) {
    return [];
  }
  const { kind, name, namespace } = value;
  const own =
    typeof kind === "string" && typeof name === "string"
      ? [{ kind, name, ...(typeof namespace === "string" ? { namespace } : {}) }]
      : [];
  return [...own, ...Object.values(value).flatMap(namedObjects)];
}

/** Every text anywhere inside, each once. */
export function textsInside(value: unknown): ReadonlySet<string> {
  if (typeof value === "string") {
    return new Set([value]);
  }
  const items = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  return new Set(items.flatMap((item) => [...textsInside(item)]));
}
