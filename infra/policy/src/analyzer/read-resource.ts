import { Secret } from "@pulumi/policy";
import { unknownValue } from "../fields.ts";
import type { Fields } from "../fields.ts";
import type { Resource } from "../resource.ts";

/** What `@pulumi/policy` says of a resource, both when it may be changed and when it is judged. */
export interface ShownResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly props: object;
  readonly opts: { readonly protect: boolean };
}

/** How the protocol writes a value that is not known yet: boolean, number, text, list, asset, archive, object. */
const unknownMarks: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/**
 * The resource as plain data. `@pulumi/policy` wraps properties so that reading an unknown one throws,
 * which would end a rule at the first of them; a property's descriptor goes past the wrapper.
 *
 * @param tellsSecrets whether secrets are marked in `props`: they are when a resource is shown to be
 * changed, and are stripped when it is shown to be judged.
 */
export function readResource(shown: ShownResource, tellsSecrets: boolean): Resource {
  const secretPaths = new Set<string>();
  const inputs = plainFields(shown.props, "", secretPaths);
  return {
    urn: shown.urn,
    type: shown.type,
    name: shown.name,
    inputs,
    isProtected: shown.opts.protect,
    secretPaths: tellsSecrets ? secretPaths : undefined,
  };
}

function plain(value: unknown, path: string, secretPaths: Set<string>): unknown {
  if (value instanceof Secret) {
    secretPaths.add(path);
    const { value: inner }: { readonly value: unknown } = value;
    return plain(inner, path, secretPaths);
  }
  if (unknownMarks.has(value)) {
    return unknownValue;
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return Object.keys(value).map((key) => plain(bare(value, key), `${path}.${key}`, secretPaths));
  }
  return plainFields(value, path, secretPaths);
}

function plainFields(value: object, path: string, secretPaths: Set<string>): Fields {
  const keys = Object.keys(value).filter((key) => !key.startsWith("__"));
  return Object.fromEntries(
    keys.map((key) => {
      const childPath = path === "" ? key : `${path}.${key}`;
      return [key, plain(bare(value, key), childPath, secretPaths)];
    }),
  );
}

function bare(value: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}
