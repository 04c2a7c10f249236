import { parse } from "yaml";
import type { FamilyDefinitions } from "./families.ts";

interface Definition {
  readonly kind?: unknown;
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly versions?: readonly { readonly name: string; readonly storage: boolean }[];
  };
}

/** What of a published definition a server without conversion webhooks can serve. */
export function prepareDefinition(text: string, base: FamilyDefinitions["base"]): object {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- looked at below, field by field
  const definition = parse(text) as Definition;
  const stored = (definition.spec?.versions ?? []).filter(({ storage }) => storage);
  const [version] = stored;
  if (definition.kind !== "CustomResourceDefinition" || version === undefined) {
    throw new Error(
      "a file of definitions holds something else, or a definition stores no version",
    );
  }
  const labels =
    base === "stored version and contract"
      ? { ...definition.metadata?.labels, "cluster.x-k8s.io/v1beta2": version.name }
      : definition.metadata?.labels;
  return {
    ...definition,
    metadata: { ...definition.metadata, ...(labels === undefined ? {} : { labels }) },
    spec: { ...definition.spec, conversion: undefined, versions: stored },
  };
}
