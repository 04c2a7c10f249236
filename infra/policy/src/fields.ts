/** Any object of plain data. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Stands for a value that only the `up` will know. A rule treats it as neither right nor wrong: a first
 * preview must raise nothing.
 */
export const unknownValue: unique symbol = Symbol("known after the up");

/** Whether a value is an object that is no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What lies at a path: undefined where nothing does, {@link unknownValue} where it is not known yet. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const key of path) {
    if (found === unknownValue) {
      return unknownValue;
    }
    if (typeof found !== "object" || found === null) {
      return undefined;
    }
    found = Object.getOwnPropertyDescriptor(found, key)?.value;
  }
  return found ?? undefined;
}

/** The text at a path; undefined for anything else. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** The whole number at a path, also when it is written as text, as annotations and quantities are. */
export function numberAt(
  value: unknown,
  ...path: readonly (string | number)[]
): number | undefined {
  const found = at(value, ...path);
  if (typeof found === "number") {
    return found;
  }
  return typeof found === "string" && /^\d+$/.test(found) ? Number(found) : undefined;
}

/** The items at a path; empty for anything but a list. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The fields at a path; empty for anything but an object. */
export function fieldsAt(value: unknown, ...path: readonly (string | number)[]): Fields {
  const found = at(value, ...path);
  return isFields(found) ? found : {};
}

/** Whether a value, or anything in it, is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (value === unknownValue) {
    return true;
  }
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

/** One text somewhere in a value. */
export interface FoundText {
  /** Dotted, for example `spec.template.spec.containers.0.image`. */
  readonly path: string;
  /** Last key that is a name; an item of a list has the key of its list. */
  readonly key: string;
  readonly text: string;
}

/** Every text in a value, except below the keys in `without`. */
export function findTexts(value: unknown, without: ReadonlySet<string>): readonly FoundText[] {
  const found: FoundText[] = [];
  const walk = (item: unknown, path: string, key: string): void => {
    if (typeof item === "string") {
      found.push({ path, key, text: item });
      return;
    }
    if (typeof item !== "object" || item === null) {
      return;
    }
    for (const [name, child] of Object.entries(item)) {
      if (!without.has(name)) {
        walk(child, path === "" ? name : `${path}.${name}`, Array.isArray(item) ? key : name);
      }
    }
  };
  walk(value, "", "");
  return found;
}
