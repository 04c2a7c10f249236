/** What came over the socket is not what the protocol says. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

/** A parsed JSON object, whose fields are still unknown. */
export type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function parseFields(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new Malformed("a line is not JSON", { cause: error });
  }
  return toFields(value, "a message");
}

export function toFields(value: unknown, what: string): Fields {
  if (!isFields(value)) {
    throw new Malformed(`${what} is not an object`);
  }
  return value;
}

export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") {
    throw new Malformed(`"${name}" is not a text`);
  }
  return value;
}

export function flag(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value !== "boolean") {
    throw new Malformed(`"${name}" is neither true nor false`);
  }
  return value;
}

function toWhole(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new Malformed(`"${name}" is not a whole number from 0 up`);
  }
  return value;
}

export function whole(fields: Fields, name: string): number {
  return toWhole(fields[name], name);
}

export function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (!Array.isArray(value)) {
    throw new Malformed(`"${name}" is not a list`);
  }
  return value;
}

export function wholes(fields: Fields, name: string): readonly number[] {
  return list(fields, name).map((value) => toWhole(value, name));
}

export function oneOf<Word extends string>(
  fields: Fields,
  name: string,
  allowed: readonly Word[],
): Word {
  const found = allowed.find((word) => word === fields[name]);
  if (found === undefined) {
    throw new Malformed(`"${name}" is none of ${allowed.join(", ")}`);
  }
  return found;
}

/** Any number, fractions too. */
export function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new Malformed(`"${name}" is not a number`);
  }
  return value;
}
