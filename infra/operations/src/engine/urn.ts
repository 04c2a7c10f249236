/**
 * The parts of `urn:pulumi:<stack>::<project>::<type of parents$type>::<name>`. The name is the last part
 * and may hold `::` itself.
 */
function splitUrn(urn: string): { readonly type: string; readonly name: string } {
  const parts = urn.split("::");
  const types = parts[2] ?? "";
  return { type: types.split("$").at(-1) ?? types, name: parts.slice(3).join("::") };
}

/** What a person calls a resource: its kind and its name. */
export function toResourceName(urn: string): string {
  const { type, name } = splitUrn(urn);
  const kind = type.split(":").at(-1) ?? type;
  return name.startsWith(kind) ? name : `${kind} ${name}`;
}
