import { parseAllDocuments } from "yaml";
import type { FamilyDefinitions } from "./families.ts";

interface Definition {
  readonly kind?: unknown;
  readonly metadata?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly conversion?: unknown;
    readonly versions?: readonly {
      readonly name: string;
      readonly storage: boolean;
      readonly schema?: unknown;
    }[];
  };
}

/** The definitions in a published file, as a server without conversion webhooks can serve them. */
export function prepareDefinitions(
  text: string,
  base: FamilyDefinitions["base"],
): readonly object[] {
  return parseAllDocuments(text)
    .map((document): unknown => document.toJS())
    .filter((content) => content !== null && content !== undefined)
    .map((content) => prepare(content, base));
}

function prepare(content: unknown, base: FamilyDefinitions["base"]): object {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field is optional and looked at
  const definition = content as Definition;
  if (definition.kind !== "CustomResourceDefinition") {
    throw new Error("a file of definitions holds something else");
  }
  const all = definition.spec?.versions ?? [];
  const kept = base === "none" ? all : all.filter(({ storage }) => storage);
  const [version] = kept;
  if (version === undefined) {
    throw new Error(`${definition.metadata?.name ?? "a definition"} stores no version`);
  }
  const labels =
    base === "stored version and contract"
      ? { ...definition.metadata?.labels, "cluster.x-k8s.io/v1beta2": version.name }
      : definition.metadata?.labels;
  return {
    ...definition,
    metadata: { ...definition.metadata, ...(labels === undefined ? {} : { labels }) },
    spec: {
      ...definition.spec,
      ...(base === "none" ? {} : { conversion: undefined }),
      versions: kept.map((entry) => ({ ...entry, schema: withoutDescriptions(entry.schema) })),
    },
  };
}

/** Values, not schemas: what is called `description` there is data. */
const dataKeys: ReadonlySet<string> = new Set(["default", "enum", "example"]);

/**
 * A schema without its texts. They are most of its size, and the server works through all of it again
 * for every definition it gets: with them a cluster takes several times as long. What is checked stays.
 */
export function withoutDescriptions(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(withoutDescriptions);
  }
  if (typeof schema !== "object" || schema === null) {
    return schema;
  }
  return Object.fromEntries(
    Object.entries(schema)
      // A property that is called so has a schema as its value, not a text.
      .filter(([key, value]) => key !== "description" || typeof value !== "string")
      .map(([key, value]: [string, unknown]) => [
        key,
        dataKeys.has(key) && !isSchema(value) ? value : withoutDescriptions(value),
      ]),
  );
}

/** A property may be called `default` too: then its value is a schema. */
function isSchema(value: unknown): boolean {
  return typeof value === "object" && value !== null && ("type" in value || "properties" in value);
}
