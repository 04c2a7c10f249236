import { identifierLengthMax, nameLengthMax } from "../limits/limits.ts";
import { quoted, type Violation } from "./violation.ts";

const plainName = /^[\x20-\x7e]{1,128}$/;
// Control and format characters (among them those that reverse the direction of text), and line breaks.
const hiddenCharacter = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const identifier = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** A name for people: any script, nothing invisible. */
export function checkName(field: string, name: string, violations: Violation[]): void {
  if (plainName.test(name) && name.trim() !== "") {
    return;
  }
  const length = name.length > 4 * nameLengthMax ? name.length : countCharacters(name);
  if (name.trim() === "" || length > nameLengthMax) {
    violations.push({
      field,
      description: `found ${length} characters, but a name has 1 to ${nameLengthMax}`,
    });
  } else if (hiddenCharacter.test(name)) {
    violations.push({
      field,
      description: `found ${quoted(name)} with a control or invisible character; remove it`,
    });
  }
}

/** Code points: what a database or a terminal counts, near enough to what people count. */
function countCharacters(text: string): number {
  return Array.from(text).length;
}

/** A name for machines: becomes part of names in DNS, in Kubernetes and in paths. */
export function checkIdentifier(field: string, text: string, violations: Violation[]): void {
  if (!identifier.test(text)) {
    violations.push({
      field,
      description: `found ${quoted(text)}, but 1 to ${identifierLengthMax} of a-z, 0-9 and - are allowed, the first and last no dash`,
    });
  }
}

/** A sentence for the record. */
export function checkReason(
  field: string,
  text: string,
  { isRequired, lengthMax }: { readonly isRequired: boolean; readonly lengthMax: number },
  violations: Violation[],
): void {
  if (isRequired && text.trim() === "") {
    violations.push({ field, description: "is empty, but a reason is required; say why" });
  } else if (text.length > lengthMax) {
    violations.push({
      field,
      description: `found ${text.length} characters, but at most ${lengthMax} are allowed`,
    });
  } else if (hiddenCharacter.test(text)) {
    violations.push({ field, description: "holds a control or invisible character; remove it" });
  }
}
